import { randomUUIDv7 } from "node:crypto";
import { createIdempotency, idempotencyTables, keyRetention } from "@kontor/idempotency";
import { defineService, repeat } from "@kontor/service";
import { shop } from "@kontor/shop";
import { createCoupons } from "./commands/create-coupons.ts";
import { createRule, updateRule } from "./commands/save-rule.ts";
import { settings } from "./config.ts";
import { pricingService } from "./inbound/grpc.ts";
import { createCouponStore } from "./outbound/coupon-store.ts";
import { createOwnTaxes } from "./outbound/own-taxes.ts";
import { createRuleStore } from "./outbound/rule-store.ts";
import { createUseStore } from "./outbound/use-store.ts";
import { createVatChecks } from "./outbound/vat-checks.ts";
import { findCoupon, listCoupons } from "./queries/list-coupons.ts";
import { listPrices } from "./queries/list-prices.ts";
import { findRule, listRules } from "./queries/list-rules.ts";
import { priceLines } from "./queries/price-lines.ts";

/** The pricing service. */
export const pricingApp = defineService({
  system: shop,
  name: "pricing",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  tables: [idempotencyTables],
  build({ config, db, now, log }) {
    const newId = randomUUIDv7;
    const rules = createRuleStore(db);
    const coupons = createCouponStore(db);
    const uses = createUseStore(db, { now });
    const vatChecks = createVatChecks(db);
    const taxes = createOwnTaxes({ rules, vatChecks, vatCheckMaxAgeMs: config.vatCheckMaxAgeMs });
    return {
      services: [
        pricingService({
          rules,
          coupons,
          uses,
          vatChecks,
          now,
          priceLines: priceLines({ rules, coupons, uses, taxes, now }),
          createRule: createRule({ rules, newId }),
          updateRule: updateRule({ rules }),
          findRule: findRule({ rules }),
          listRules: listRules({ rules }),
          listPrices: listPrices({ rules }),
          createCoupons: createCoupons({ idempotency: createIdempotency(db), coupons, rules, newId }),
          findCoupon: findCoupon({ coupons }),
          listCoupons: listCoupons({ coupons, rules }),
        }),
      ],
      retention: [keyRetention(config.idempotencyKeyRetentionMs)],
      background: [
        // No call is accepted before the rules are known.
        { start: () => rules.refresh(), stop: () => undefined },
        repeat(config.rulesRefreshMs, rules.refresh, (err) => log.warn({ err }, "refresh of rules failed; retrying")),
      ],
    };
  },
});
