import type { Problem } from "../problems/problem.ts";

/**
 * The codes that the gateway closes a WebSocket with, in addition to those that RFC 6455 prescribes: 1007 for text that is not
 * UTF-8 and 1009 for a message over the limit. Any status of gRPC but OK is 4000 and its number.
 */
export const CloseCode = { ok: 1000, binaryRefused: 1003, statusBase: 4000 } as const;

const utf8 = new TextEncoder();

/** The status in words, `NOT_FOUND BOOK_NOT_FOUND: …`, as much of it as a close frame holds: 123 bytes. */
export function closeReason({ code, reason, detail, errors }: Problem): string {
  const pointer = errors?.[0]?.pointer;
  const name = reason === undefined || reason === code ? code : `${code} ${reason}`;
  const text = `${name}${pointer === undefined || pointer === "" ? "" : ` at ${pointer}`}: ${detail}`;
  const { read } = utf8.encodeInto(text, new Uint8Array(123));
  return text.slice(0, read);
}
