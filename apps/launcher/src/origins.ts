import { Refusal } from "@kontor/config";

/** The origins of pages that a developer serves on this machine, from any port. */
export const localOrigins = ["localhost", "127.0.0.1", "[::1]"].flatMap((host) => [
  `http://${host}:*`,
  `https://${host}:*`,
]);

/** Returns the origins that may call the gateway: local ones and those of `--cors`. Throws a Refusal for an invalid origin. */
export function allowedOrigins(given: readonly string[]): string[] {
  return given.includes("*") ? ["*"] : [...localOrigins, ...given.map(originOf)];
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin;
  throw new Refusal(
    `--cors must be an origin as browsers send it, such as https://shop.example or http://192.168.0.7:3000, or *; not "${text}".`,
  );
}
