import { runProcess } from "@kontor/simulator";
import { startCarrierSimulator } from "./app.ts";
import { readConfig } from "./config.ts";

await runProcess("carrier-simulator", async () => {
  const app = await startCarrierSimulator(readConfig(process.env));
  return { ready: { port: app.port }, close: app.close };
});
