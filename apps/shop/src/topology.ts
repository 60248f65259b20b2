import type { Topology } from "@kontor/nats";
import { serviceNamed, serviceNames } from "./services.ts";

/**
 * The streams and durable consumers of the shop, from the list of services, which relays, consumers and checks read. Rights of NATS users and
 * network policies are derived from it.
 */
export const topology = {
  formerly: { from: "kontor", to: "shop" },
  streams: serviceNames.flatMap((service) => {
    const { stream, contract } = serviceNamed(service);
    return stream === undefined ? [] : [{ name: stream, package: contract.replace(/\.\w+$/, ""), service }];
  }),
  consumers: serviceNames.flatMap((service) =>
    Object.entries(serviceNamed(service).consumers ?? {}).map(([durable, consumer]) => ({
      durable,
      service,
      ...consumer,
    })),
  ),
  edges: [
    {
      service: "gateway",
      // The events that drop its cached responses (`invalidated_by` of the contracts), and those that end streams.
      listens: [
        "shop.catalog.v1.CategoryChanged",
        "shop.catalog.v1.CategoryCreated",
        "shop.catalog.v1.ProductChanged",
        "shop.users.v1.SessionEnded",
      ],
      stores: [
        { stream: "KV_gateway-idempotency", subjects: "$KV.gateway-idempotency.>" },
        { stream: "GATEWAY_RATE_LIMITS", subjects: "kontor-gateway.rate-limits.>" },
      ],
    },
  ],
} as const satisfies Topology;
