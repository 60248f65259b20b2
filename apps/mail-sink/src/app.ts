import type { Server } from "node:net";
import { createHttpApi, createLog } from "@kontor/simulator";
import { apiRoutes } from "./api-routes.ts";
import type { Config } from "./config.ts";
import { openMailbox } from "./mailbox.ts";
import { pageRoutes } from "./page-routes.ts";
import { createSmtpServer } from "./smtp.ts";

export interface MailSink {
  readonly smtpPort: number;
  readonly httpPort: number;
  close(): Promise<void>;
}

export async function startMailSink(config: Config): Promise<MailSink> {
  const mailbox = openMailbox(config.dataDir);
  const refusals = { failNext: 0 };
  const smtp = createSmtpServer(mailbox, refusals, createLog("mail-sink"));
  const http = createHttpApi({ routes: [...apiRoutes(mailbox, refusals), ...pageRoutes(mailbox)] });
  const [smtpPort, httpPort] = await Promise.all([
    listen(smtp.server, config.smtpPort, config.host),
    listen(http, config.httpPort, config.host),
  ]);

  return {
    smtpPort,
    httpPort,
    async close() {
      const closed = new Promise<void>((resolve) => smtp.close(resolve));
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === "object" ? address.port : port);
    });
  });
}
