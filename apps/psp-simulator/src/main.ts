import { runProcess } from "@kontor/simulator";
import { startPspSimulator } from "./app.ts";
import { readConfig } from "./config.ts";

await runProcess("psp-simulator", async () => {
  const app = await startPspSimulator(readConfig(process.env));
  return { ready: { port: app.port }, close: app.close };
});
