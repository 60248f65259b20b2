import { services } from "../../apps/shop/src/services.ts";
import { dashboard, type Panel } from "./grafana.ts";

const here = 'namespace=~"$namespace"';
const lately = (metric: string, by: string, more = "") => `sum by (${by}) (increase(${metric}{${here}${more}}[1h]))`;
const once = (event: string) => `sum(increase(kontor_orders_events_total{${here}, event="${event}"}[1h]))`;
const settled = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (rate(kontor_orders_settled_seconds_bucket{${here}, outcome="confirmed"}[$__rate_interval])))`;
const served = (contract: string) =>
  `sum by (method) (increase(kontor_rpc_server_requests_total{${here}, service="${contract}", code="OK"}[1h]))`;
const asked = (route: string, method: string) =>
  `sum(increase(kontor_http_server_requests_total{${here}, route="${route}", method="${method}", status=~"2.."}[1h]))`;

export const business = dashboard({
  uid: "kontor-business",
  title: "Kontor / Business",
  description: "Orders, money and mails, and whether the shop keeps what it promises.",
  rows: [
    [
      "The last hour",
      ["stat", "Orders placed", "short", once("placed")],
      ["stat", "Confirmed", "short", once("confirmed")],
      ["stat", "Confirmed of those placed", "percentunit", `${once("confirmed")} / ${once("placed")}`],
      ["stat", "Half confirmed within", "s", settled(0.5)],
      ["stat", "99 % confirmed within", "s", settled(0.99), 30],
      ["stat", "Oldest unanswered payment", "s", `max(kontor_payments_oldest_open_operation_seconds{${here}})`, 900],
    ],
    [
      "Orders",
      ["What happened, in an hour", "short", { "{{event}}": lately("kontor_orders_events_total", "event") }],
      [
        "Turnover in an hour, in minor units",
        "short",
        { "{{currency}}": lately("kontor_orders_confirmed_minor_units_total", "currency") },
      ],
      [
        "Orders that were refused, in an hour",
        "short",
        {
          "{{code}}": lately(
            "kontor_rpc_server_requests_total",
            "code",
            ', service="shop.orders.v1.OrdersService", method="PlaceOrder", code!="OK"',
          ),
        },
      ],
    ],
    [
      "People",
      [
        "In an hour",
        "short",
        {
          "accounts opened": asked("/api/v1/users", "POST"),
          "sign-ins": asked("/api/v1/sessions", "POST"),
          "products looked at": asked("/api/v1/products/{product_id}", "GET"),
        },
      ],
      [
        "Mails in an hour",
        "short",
        { "{{template}} {{outcome}}": lately("kontor_notifications_deliveries_total", "template, outcome") },
      ],
      ["Oldest overdue mail", "s", { "": `max(kontor_notifications_oldest_overdue_seconds{${here}})` }],
    ],
    [
      "Pricing",
      [
        "In an hour",
        "short",
        {
          promotions: asked("/api/v1/promotions", "POST"),
          coupons: asked("/api/v1/promotions/{promotion_id}/coupons", "POST"),
        },
      ],
    ],
    [
      "What each service did in an hour",
      ...Object.entries(services).map(
        ([name, { contract }]): Panel => [name, "short", { "{{method}}": served(contract) }],
      ),
    ],
    [
      "Promises kept",
      ["Failing, of one hour", "percentunit", { "{{slo}} {{app}}": `slo:error_ratio:1h{${here}}` }],
      [
        "How often the budget of 30 days is used up at this rate",
        "short",
        { "{{slo}} {{app}}": `slo:error_ratio:1h{${here}} / on (slo) group_left () slo:budget` },
      ],
      ["Failing, of three days", "percentunit", { "{{slo}} {{app}}": `slo:error_ratio:3d{${here}}` }],
    ],
  ],
});
