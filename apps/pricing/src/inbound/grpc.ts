import { type Implementation, implement } from "@kontor/rpc";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { priceHandlers } from "./price-handlers.ts";
import { ruleHandlers } from "./rule-handlers.ts";
import { staffHandlers } from "./staff-handlers.ts";

type Deps = Parameters<typeof priceHandlers>[0] &
  Parameters<typeof ruleHandlers>[0] &
  Parameters<typeof staffHandlers>[0];

/** PricingService over gRPC. */
export function pricingService(app: Deps): Implementation {
  return implement(PricingService, { ...priceHandlers(app), ...ruleHandlers(app), ...staffHandlers(app) });
}
