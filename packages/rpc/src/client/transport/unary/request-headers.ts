import { ACCEPTED_ENCODINGS } from "./decompress.ts";

/** The headers that a request of gRPC sets itself, and those that HTTP/2 forbids. So are the prefixes `:` and `grpc-`. */
const taken: ReadonlySet<string> = new Set([
  ...["te", "content-type", "content-length", "user-agent", "host"],
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings"],
]);

/**
 * Returns the headers of a call, each name before its value. Metadata whose name ends in `-bin` is passed on as the base64 that it
 * arrived as. `left` is the time until the deadline in milliseconds, infinite for none.
 */
export function headersOf(
  authority: string,
  path: string,
  left: number,
  metadata: Readonly<Record<string, string>>,
): string[] {
  const headers = [":method", "POST", ":scheme", "http", ":authority", authority, ":path", path];
  headers.push("te", "trailers", "content-type", "application/grpc", "user-agent", "kontor");
  headers.push("grpc-accept-encoding", ACCEPTED_ENCODINGS);
  if (left < Number.POSITIVE_INFINITY) headers.push("grpc-timeout", `${Math.min(99_999_999, Math.ceil(left))}m`);
  for (const name in metadata) {
    const value = metadata[name];
    if (value !== undefined && isFree(name)) headers.push(name, value.trim()); // HTTP/2 forbids spaces at the ends.
  }
  return headers;
}

/** Returns whether metadata may have this name. Other names are dropped. */
export function isFree(name: string): boolean {
  return !taken.has(name) && !name.startsWith("grpc-") && !name.startsWith(":");
}
