import { runService } from "@kontor/service";
import { inventoryApp } from "./app.ts";

await runService(inventoryApp);
