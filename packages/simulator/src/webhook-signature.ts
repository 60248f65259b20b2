import { createHmac } from "node:crypto";

/**
 * Signs a webhook by the Standard Webhooks scheme (https://www.standardwebhooks.com): `v1,` and the base64 HMAC-SHA256
 * of `{id}.{timestamp}.{body}`.
 *
 * @param secret `whsec_` and base64, or any other text, used unchanged
 * @param timestamp seconds since 1970
 */
export function signWebhook(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
