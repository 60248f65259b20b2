import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SERVICE_ISSUER } from "./service-keys.ts";

/** Longer than a callee goes without looking for an unknown key, so that it knows a key before the first token of it arrives. */
const PUBLISHED_AHEAD_MS = 2_000;
/** Longer than a token lives, clocks that disagree included. */
const RETIRED_FOR_MS = 15 * 60_000;

/** Keys of services that sign their own tokens, on one machine. */
export interface KeyFolder {
  /** The public keys of all services, for callees. */
  readonly keysFile: string;
  /** The private key of one service, for that service alone. */
  keyFileOf(service: string): string;
}

interface PublicKey {
  readonly kid: string;
  readonly service: string;
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
  /** When another key took its place, as RFC 3339. Tokens of it are good until they expire. */
  readonly retiredAt?: string;
}

/**
 * Makes a key for each service that has none, and publishes them all. Keys that exist stay. Readable by their owner only.
 *
 * ```ts
 * const { keysFile, keyFileOf } = openKeyFolder("/run/kontor", ["orders", "payments"]);
 * keyFileOf("orders");
 * ```
 */
export function openKeyFolder(folder: string, services: readonly string[]): KeyFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = services.filter((service) => !existsSync(keyFile(folder, service))).map(generate);
  publish(folder, [...published(folder), ...made.map(({ publicKey }) => publicKey)]);
  for (const { service, privateKey } of made) write(keyFile(folder, service), privateKey);
  return { keysFile: keysFile(folder), keyFileOf: (service) => keyFile(folder, service) };
}

/**
 * Gives each service another key while all of them run: publishes the new keys next to the old ones, waits until callees know
 * them, then replaces the private keys. Old keys are good for another 15 minutes.
 *
 * @throws Error when a service has no key in the folder
 */
export async function rotateKeys(folder: string, services: readonly string[]): Promise<void> {
  for (const service of services)
    if (!existsSync(keyFile(folder, service))) throw new Error(`${service} has no key in ${folder}.`);
  const made = services.map(generate);
  publish(folder, [...published(folder), ...made.map(({ publicKey }) => publicKey)]);
  await delay(PUBLISHED_AHEAD_MS);
  for (const { service, privateKey } of made) write(keyFile(folder, service), privateKey);
  const current = new Set(made.map(({ publicKey }) => publicKey.kid));
  const retiredAt = new Date().toISOString();
  publish(
    folder,
    published(folder).map((key) =>
      services.includes(key.service) && !current.has(key.kid) ? { retiredAt, ...key } : key,
    ),
  );
}

const keysFile = (folder: string) => join(folder, "keys.json");
const keyFile = (folder: string, service: string) => join(folder, `${service}.key.json`);

function generate(service: string) {
  const pair = generateKeyPairSync("ed25519");
  const { kty = "", crv = "", x = "", d } = pair.privateKey.export({ format: "jwk" });
  const kid = `${service}-${randomBytes(9).toString("base64url")}`;
  const publicKey: PublicKey = { kid, service, kty, crv, x, alg: "EdDSA", use: "sig" };
  return { service, publicKey, privateKey: { ...publicKey, d } };
}

function published(folder: string): readonly PublicKey[] {
  if (!existsSync(keysFile(folder))) return [];
  return (JSON.parse(readFileSync(keysFile(folder), "utf8")) as { readonly keys: readonly PublicKey[] }).keys;
}

function publish(folder: string, keys: readonly PublicKey[]): void {
  const oldest = Date.now() - RETIRED_FOR_MS;
  const good = keys.filter(({ retiredAt }) => retiredAt === undefined || Date.parse(retiredAt) > oldest);
  write(keysFile(folder), { issuer: SERVICE_ISSUER, keys: good });
}

/** Writes a file atomically: a process reads the old file or the new one. */
function write(path: string, content: object): void {
  writeFileSync(`${path}.partial`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.partial`, path);
}
