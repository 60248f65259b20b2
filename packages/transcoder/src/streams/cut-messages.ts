import type { JsonProblem } from "@kontor/proto-json";
import { type HttpError, refusal } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";
import { tooLarge } from "../request/read-body.ts";

const [space, tab, lf, cr, quote, comma, open, backslash, close, braceOpen, braceClose] =
  Buffer.from(' \t\n\r",[\\]{}');

/**
 * Cuts a body into its lines, for NDJSON. The last one may go without its line feed. Lines are not looked into: an empty
 * one is no JSON.
 *
 * @throws HttpError 413 for a line over the limit
 */
export async function* cutLines(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  const line = new Piece(limit);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lf as number); end !== -1; end = chunk.indexOf(lf as number, start)) {
      yield line.finish(chunk.subarray(start, end));
      start = end + 1;
    }
    line.add(chunk.subarray(start));
  }
  if (line.size > 0) yield line.finish();
}

/**
 * Cuts a body into the elements of the JSON array that it is, as they arrive. Elements are cut at brackets and commas
 * outside of strings; the parser decides whether they are JSON.
 *
 * @throws HttpError 400 for a body that is no array, 413 for an element over the limit
 */
export async function* cutArray(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  const element = new Piece(limit);
  let place = "before" as "before" | "inside" | "after";
  let depth = 0;
  let inString = false;
  let escaped = false;
  let count = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (inString) {
        if (byte === backslash) escaped = !escaped;
        else {
          if (byte === quote && !escaped) inString = false;
          escaped = false;
        }
      } else if (place !== "inside") {
        if (byte === space || byte === tab || byte === lf || byte === cr) continue;
        if (place === "after") throw malformed("TRAILING");
        if (byte !== open) throw malformed("ARRAY");
        place = "inside";
        start = i + 1;
      } else if (byte === quote) inString = true;
      else if (byte === open || byte === braceOpen) depth++;
      else if (depth > 0 && (byte === close || byte === braceClose)) depth--;
      else if (byte === comma && depth === 0) {
        yield element.finish(chunk.subarray(start, i));
        count++;
        start = i + 1;
      } else if (byte === close) {
        const last = element.finish(chunk.subarray(start, i));
        if (count > 0 || !isBlank(last)) yield last;
        place = "after";
      }
    }
    if (place === "inside") element.add(chunk.subarray(start));
  }
  if (place !== "after") throw malformed("CLOSING_BRACKET");
}

/** The bytes of a message received so far. */
class Piece {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(part: Uint8Array): void {
    this.size += part.length;
    if (this.size > this.#limit) throw tooLarge(this.#limit, "TOO_LARGE_MESSAGE");
    if (part.length > 0) this.#parts.push(part);
  }

  finish(part: Uint8Array = new Uint8Array()): Uint8Array {
    this.add(part);
    const whole =
      this.#parts.length === 1 && this.#parts[0] !== undefined ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.size = 0;
    return whole;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === space || byte === tab || byte === lf || byte === cr);
}

function malformed(problem: JsonProblem): HttpError {
  const text = say("MALFORMED_STREAM", { problem });
  return refusal("INVALID_JSON", text, { violations: [{ pointer: "", text }] });
}
