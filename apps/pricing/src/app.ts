import { defineService } from "@kontor/service";
import { shop } from "@kontor/shop";
import { settings } from "./config.ts";
import { pricingService } from "./inbound/grpc.ts";

/** The pricing service. */
export const pricingApp = defineService({
  system: shop,
  name: "pricing",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  build() {
    return { services: [pricingService()] };
  },
});
