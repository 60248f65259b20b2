import { createHmac, timingSafeEqual } from "node:crypto";

/** A received webhook. */
export interface SignedMessage {
  /** Unique for the event: a repetition carries it again. */
  readonly id: string;
  /** Seconds since 1970, as text. */
  readonly timestamp: string;
  /** One or more signatures, separated by spaces. */
  readonly signature: string;
  /** The bytes as they were received. */
  readonly body: Uint8Array;
}

const TOLERANCE_MS = 5 * 60_000;

/**
 * Returns a message made of its body and its headers. A missing header becomes empty, so that no signature matches.
 */
export function signedMessage(
  headers: { get(name: string): string | undefined },
  body: Uint8Array = new Uint8Array(),
): SignedMessage {
  return {
    id: headers.get("webhook-id") ?? "",
    timestamp: headers.get("webhook-timestamp") ?? "",
    signature: headers.get("webhook-signature") ?? "",
    body,
  };
}

/**
 * Returns whether one of the secrets signed the message in the five minutes around `at`: HMAC-SHA256 over `{id}.{timestamp}.{body}`, as
 * specified by https://www.standardwebhooks.com. A secret is `whsec_` and base64, or the key itself; several allow rotation.
 *
 * ```ts
 * const message = signedMessage(new Map([["webhook-id", "m1"]]), new Uint8Array());
 * isSignedBy(["whsec_c2VjcmV0"], message, new Date()); // false: neither a time stamp nor a signature
 * ```
 */
export function isSignedBy(secrets: readonly string[], message: SignedMessage, at: Date): boolean {
  const { id, timestamp, signature } = message;
  const age = Math.abs(at.getTime() - Number(timestamp) * 1000);
  if (id === "" || !/^\d{1,12}$/.test(timestamp) || age > TOLERANCE_MS) return false;
  const given = signature
    .split(" ")
    .flatMap((part) => (part.startsWith("v1,") ? [Buffer.from(part.slice(3), "base64")] : []));
  const wanted = secrets.map((secret) => sign(secret, message));
  return wanted.some((digest) => given.some((other) => equal(digest, other)));
}

function sign(secret: string, { id, timestamp, body }: SignedMessage): Buffer {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : secret;
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
