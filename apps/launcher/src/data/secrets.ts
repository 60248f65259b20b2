import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";
import { natsUsers } from "@kontor/nats";
import { eachService, topology } from "@kontor/shop/processes";

const secret = () => randomBytes(18).toString("base64url");
const webhookSecret = () => `whsec_${randomBytes(24).toString("base64")}`;

function generate() {
  return {
    postgres: secret(),
    databases: eachService(secret),
    runRoles: eachService(secret),
    nats: Object.fromEntries(natsUsers(topology).map(({ name }) => [name, secret()])),
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

/**
 * Returns the passwords and keys of this installation, readable by their owner only. Secrets that exist keep their value; a service or a
 * key that was added later gets a new one. Throws when the file is not JSON.
 */
export function secrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  const all = completed(generate(), existsSync(path) ? read(path) : {});
  const partial = `${path}.partial`;
  writeFileSync(partial, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, path); // A start that is killed while it writes must not lose the passwords of existing databases.
  return all;
}

function read(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new Refusal(
      `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}\n` +
        "It holds the passwords of the databases next to it. Restore it from a copy, or delete the whole folder to start with an empty shop.",
      { cause },
    );
  }
}

/** Returns `existing` with every key of `fresh` that it lacks, at every depth. Keys that only `existing` has remain. */
function completed<T>(fresh: T, existing: unknown): T {
  if (!isObject(fresh)) return typeof existing === typeof fresh ? (existing as T) : fresh;
  const stored = isObject(existing) ? existing : {};
  const entries = Object.entries(fresh).map(([name, value]) => [name, completed(value, stored[name])]);
  return { ...stored, ...Object.fromEntries(entries) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
