import { runService } from "@kontor/service";
import { catalogApp } from "./app.ts";

await runService(catalogApp);
