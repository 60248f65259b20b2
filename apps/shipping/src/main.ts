import { runService } from "@kontor/service";
import { shippingApp } from "./app.ts";

await runService(shippingApp);
