import { duration } from "@kontor/config";
import { idempotencySettings } from "@kontor/idempotency";

/** Settings of pricing, next to those of every service. */
export const settings = {
  ...idempotencySettings,
  rulesRefreshMs: duration("RULES_REFRESH_INTERVAL", {
    default: "1s",
    min: 50,
    doc: "How often a replica looks for rules that other replicas changed. Its own changes apply at once.",
  }),
  vatCheckMaxAgeMs: duration("VAT_CHECK_MAX_AGE", {
    default: "90d",
    doc: "How long a check of a VAT id counts. After that tax is charged until the id is checked again.",
  }),
};
