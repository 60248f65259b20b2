import type { Code, KontorError } from "@kontor/errors";
import type { Fields, ServerStream } from "@kontor/http2";
import { codeNumber, statusBytes } from "../../status.ts";

/** The head of a response. */
export const HEAD: Fields = [":status", "200", "content-type", "application/grpc"];

const OK: Fields = ["grpc-status", "0"];

/** Ends a response with a status of the transport, which has no details. */
export function endWith(stream: ServerStream, code: Code, message: string): void {
  const status = ["grpc-status", `${codeNumber(code)}`, "grpc-message", encodeMessage(message)];
  stream.end(stream.hasHead ? status : [...HEAD, ...status]);
}

/** Ends a response with the error, or with success. */
export function endResponse(stream: ServerStream, error: KontorError | undefined): void {
  if (error === undefined) {
    stream.end(OK);
    return;
  }
  const { code, bytes } = statusBytes(error);
  const status = ["grpc-status", `${code}`, "grpc-message", encodeMessage(error.message)].concat(
    ...["grpc-status-details-bin", Buffer.from(bytes).toString("base64")],
  );
  stream.end(stream.hasHead ? status : [...HEAD, ...status]);
}

/** Returns a message with every byte of its UTF-8 that is no printable ASCII percent-encoded, also spaces at its ends. */
function encodeMessage(message: string): string {
  if (PLAIN.test(message)) return message;
  let encoded = "";
  const bytes = Buffer.from(message);
  bytes.forEach((byte, at) => {
    const isSpaceAtEnd = byte === SPACE && (at === 0 || at === bytes.length - 1);
    const isPlain = byte >= SPACE && byte <= 0x7e && byte !== PERCENT && !isSpaceAtEnd;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return encoded;
}

const SPACE = 0x20;
const PERCENT = 0x25;
const PLAIN = /^(?! )[ -$&-~]*$(?<! )/;
