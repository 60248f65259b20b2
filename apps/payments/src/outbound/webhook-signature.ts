import { createHmac, timingSafeEqual } from "node:crypto";
import { paymentErrors } from "../domain/errors.ts";
import type { SignedMessage } from "../ports.ts";

const TOLERANCE_MS = 5 * 60_000;

/**
 * Lets a message pass that one of the secrets signed in the last five minutes: HMAC-SHA256 over `{id}.{timestamp}.{body}`,
 * as https://www.standardwebhooks.com has it. The header may hold several signatures.
 */
export function requireSignature(secrets: readonly string[], message: SignedMessage, at: Date): void {
  const { id, timestamp, signature } = message;
  const age = Math.abs(at.getTime() - Number(timestamp) * 1000);
  if (id === "" || !/^\d{1,12}$/.test(timestamp) || age > TOLERANCE_MS) throw paymentErrors.SIGNATURE_WRONG();

  const given = signature
    .split(" ")
    .flatMap((part) => (part.startsWith("v1,") ? [Buffer.from(part.slice(3), "base64")] : []));
  const wanted = secrets.map((secret) => sign(secret, message));
  if (wanted.some((digest) => given.some((other) => equal(digest, other)))) return;
  throw paymentErrors.SIGNATURE_WRONG();
}

function sign(secret: string, { id, timestamp, body }: SignedMessage): Buffer {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : secret;
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
