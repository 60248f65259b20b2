import { runProcess } from "@kontor/simulator";
import { startMailSink } from "./app.ts";
import { readConfig } from "./config.ts";

await runProcess("mail-sink", async () => {
  const app = await startMailSink(readConfig(process.env));
  return { ready: { smtpPort: app.smtpPort, httpPort: app.httpPort }, close: app.close };
});
