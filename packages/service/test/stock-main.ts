import { runService } from "../src/index.ts";
import { stockService } from "./stock-service.ts";

await runService(stockService);
