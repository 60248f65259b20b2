/** Returns whether pages of an origin may call. */
export type AllowsOrigin = (origin: string) => boolean;

/**
 * Reads CORS_ORIGINS: origins as browsers send them, such as `https://shop.example`, with `:*` for any port, or `*` for all.
 *
 * @throws Error that names the invalid origin
 */
export function readOrigins(origins: readonly string[]): AllowsOrigin {
  if (origins.includes("*")) return () => true;
  const exact = new Set<string>();
  const anyPort = new Set<string>();
  for (const text of origins) {
    const [, start, port] = /^(https?:\/\/(?:\[[\da-f:.]+\]|[^/:@?#*\s]+))(:\*|:\d+)?$/i.exec(text) ?? [];
    if (start === undefined) throw new Error(`CORS_ORIGINS: "${text}" is no origin, such as https://shop.example.`);
    if (port === ":*") anyPort.add(new URL(start).origin);
    else exact.add(new URL(text).origin);
  }
  return (origin) => exact.has(origin) || anyPort.has(origin.replace(/:\d+$/, ""));
}
