import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const secret = () => randomBytes(18).toString("base64url");
const webhookSecret = () => `whsec_${randomBytes(24).toString("base64")}`;

function generate() {
  return {
    postgres: secret(),
    databases: {
      users: secret(),
      catalog: secret(),
      inventory: secret(),
      orders: secret(),
      payments: secret(),
      shipping: secret(),
      notifications: secret(),
    },
    internalToken: secret(),
    signingKeySecret: secret(),
    pspApiKey: secret(),
    pspWebhookSecret: webhookSecret(),
    carrierApiKey: secret(),
    carrierWebhookSecret: webhookSecret(),
    staffPassword: secret(),
    shopperPassword: secret(),
  };
}

export type Secrets = ReturnType<typeof generate>;

/** The passwords and keys of this installation: made once, kept where only their owner can read them. */
export function secrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  const kept: Partial<Secrets> = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  const all = { ...generate(), ...kept };
  writeFileSync(path, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  return all;
}
