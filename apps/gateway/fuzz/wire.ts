import type { MadeRequest, Random } from "@kontor/transcoder/fuzz";

/** A request as bytes, which may be no HTTP at all. */
export interface Wire {
  readonly bytes: Buffer;
  /** The client stops in the middle. */
  readonly cut: boolean;
}

/** Writes a request, as a rule with a length that is right. */
export function toWire({ method, path, query, headers, body }: MadeRequest, requestId: string, random: Random): Wire {
  const target = query.length === 0 ? path : `${path}?${query.join("&")}`;
  const lines = [`${method} ${target} HTTP/1.1`, `X-Request-Id: ${requestId}`];
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  if (!named.has("host")) lines.push("Host: fuzz");
  if (named.has("upgrade")) lines.push("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const chunked = body !== undefined && random.chance(0.1);
  if (chunked) lines.push("Transfer-Encoding: chunked");
  else if (body !== undefined && !named.has("content-length")) {
    lines.push(`Content-Length: ${body.length + (random.chance(0.01) ? random.int(5) - 2 : 0)}`);
  }
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, random.chance(0.95) ? "utf8" : "latin1");
  const whole = Buffer.concat([head, body === undefined ? Buffer.alloc(0) : chunked ? inChunks(body, random) : body]);
  const cut = random.chance(0.02);
  return { bytes: cut ? whole.subarray(0, random.int(whole.length)) : whole, cut };
}

function inChunks(body: Buffer, random: Random): Buffer {
  const at = random.int(body.length + 1);
  const parts = [body.subarray(0, at), body.subarray(at)].filter((part) => part.length > 0);
  const chunks = parts.map((part) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]),
  );
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}
