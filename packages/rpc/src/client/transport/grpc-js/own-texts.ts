/**
 * The meaning of a text of grpc-js: no server has begun to process the call; the connection ended before the response; or the response is
 * not gRPC.
 */
export type OwnText = "unsent" | "cut" | "nonsense";

/**
 * The texts by which grpc-js describes failures that it reports itself. Nothing else in its statuses distinguishes them. A test
 * finds each text in the installed version of the library.
 */
export const OWN_TEXTS: readonly { readonly text: string; readonly means: OwnText; readonly within?: boolean }[] = [
  { text: "No connection established", means: "unsent" },
  { text: "No addresses resolved", means: "unsent" },
  { text: "Name resolution failed", means: "unsent" },
  { text: "Channel closed before call started", means: "unsent" },
  { text: "Stream refused by server", means: "unsent" },
  { text: "NGHTTP2_REFUSED_STREAM", means: "unsent", within: true },
  { text: "Call cancelled", means: "cut" },
  { text: "Connection dropped", means: "cut" },
  { text: "ECONNRESET", means: "cut", within: true },
  { text: "Session closed with error code", means: "cut", within: true },
  { text: "Received RST_STREAM with code", means: "nonsense" },
  { text: "Received HTTP status code", means: "nonsense" },
  { text: "Received message larger than max", means: "nonsense" },
  { text: "Received message that decompresses to a size larger than", means: "nonsense" },
  { text: "Response message parsing error", means: "nonsense" },
  { text: "No message received", means: "nonsense" },
  { text: "Too many responses received", means: "nonsense" },
  { text: "No status information received", means: "nonsense" },
  { text: "Failed to decompress", means: "nonsense" },
  { text: "Bandwidth exhausted or memory limit exceeded", means: "nonsense" },
  { text: "Protocol not secure enough", means: "nonsense" },
];

/** Returns what a text means if grpc-js wrote it. A server may send the same text. */
export function ownText(details: string): OwnText | undefined {
  return OWN_TEXTS.find(({ text, within }) => (within ? details.includes(text) : details.startsWith(text)))?.means;
}
