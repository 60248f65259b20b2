import { runService } from "@kontor/service";
import { pricingApp } from "./app.ts";

await runService(pricingApp);
