import { join } from "node:path";
import type { Secrets } from "../data/secrets.ts";
import type { ProcessSpec } from "./node-process.ts";
import type { Ports } from "./ports.ts";

const at = (port: number) => `127.0.0.1:${port}`;

/** Returns the simulators of the card provider, the carrier and the mail server. */
export function externalSystems(ports: Ports, secrets: Secrets, dataDir: string): ProcessSpec[] {
  const webhooks = `http://${at(ports.gateway)}/api/v1/webhooks`;
  return [
    {
      name: "psp-simulator",
      readyUrl: `http://${at(ports.psp)}/healthz`,
      env: {
        PORT: String(ports.psp),
        DATA_DIR: join(dataDir, "psp"),
        API_KEY: secrets.pspApiKey,
        WEBHOOK_URL: `${webhooks}/payments/psp`,
        WEBHOOK_SECRET: secrets.pspWebhookSecret,
      },
    },
    {
      name: "carrier-simulator",
      readyUrl: `http://${at(ports.carrier)}/healthz`,
      env: {
        PORT: String(ports.carrier),
        DATA_DIR: join(dataDir, "carrier"),
        API_KEY: secrets.carrierApiKey,
        WEBHOOK_URL: `${webhooks}/shipping/carrier`,
        WEBHOOK_SECRET: secrets.carrierWebhookSecret,
        STEP_MS: "2000",
      },
    },
    {
      name: "mail-sink",
      readyUrl: `http://${at(ports.mailPage)}/healthz`,
      env: {
        SMTP_PORT: String(ports.mailSmtp),
        HTTP_PORT: String(ports.mailPage),
        DATA_DIR: join(dataDir, "mail"),
      },
    },
  ];
}
