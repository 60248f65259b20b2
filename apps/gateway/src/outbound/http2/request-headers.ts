import { ACCEPTED_ENCODINGS } from "./decompress.ts";

/** What a request of gRPC says itself, and what HTTP/2 has no place for. Prefixes `:` and `grpc-` are taken, too. */
const taken: ReadonlySet<string> = new Set([
  ...["te", "content-type", "content-length", "user-agent", "host"],
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings"],
]);

/**
 * The headers of a call, name after value. Metadata whose name ends in `-bin` is passed on as the base64 that it came as.
 * `left` is the time until the deadline in milliseconds.
 */
export function headersOf(
  authority: string,
  path: string,
  left: number,
  metadata: Readonly<Record<string, string>>,
): string[] {
  const headers = [":method", "POST", ":scheme", "http", ":authority", authority, ":path", path];
  headers.push("te", "trailers", "content-type", "application/grpc", "user-agent", "kontor-gateway");
  headers.push("grpc-accept-encoding", ACCEPTED_ENCODINGS);
  headers.push("grpc-timeout", `${Math.min(99_999_999, Math.ceil(left))}m`);
  for (const name in metadata) {
    const value = metadata[name];
    if (value !== undefined && isFree(name)) headers.push(name, value);
  }
  return headers;
}

function isFree(name: string): boolean {
  return !taken.has(name) && !name.startsWith("grpc-") && !name.startsWith(":");
}
