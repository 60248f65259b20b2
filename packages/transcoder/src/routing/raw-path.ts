import { badPath } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";

/** A request path, split before it is decoded, so that no escape can make a slash or a verb. */
export interface RawPath {
  /** Each segment decoded once. */
  readonly segments: readonly string[];
  /** Each segment decoded once, except `%2F`. */
  readonly kept: readonly string[];
  /** The same without the verb, when the last raw segment has a colon. */
  readonly verbless:
    | { readonly segments: readonly string[]; readonly kept: readonly string[]; readonly verb: string }
    | undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A path in which nothing is escaped, separates a verb, or could be a dot segment. */
const plain = /^[A-Za-z0-9/_~@!$&'()*+,;=-]+$/;

/**
 * Splits and decodes the path of a request.
 *
 * @throws HttpError 400 for malformed escapes, `%00`, bytes that are not UTF-8, dot segments and bare
 * backslashes. An encoded backslash, `%5C`, is data, unless it separates dot segments.
 */
export function parsePath(path: string): RawPath {
  if (!path.startsWith("/")) throw badPath(say("SLASH"));
  const raw = path.slice(1).split("/");
  if (plain.test(path)) return { segments: raw, kept: raw, verbless: undefined };
  const segments = raw.map(decodeSegment);
  const kept = path.includes("%") ? raw.map(decodeKeepingSlash) : segments;
  const last = raw.at(-1) ?? "";
  const colon = last.lastIndexOf(":");
  if (colon === -1 || colon === last.length - 1) return { segments, kept, verbless: undefined };
  const head = last.slice(0, colon);
  return {
    segments,
    kept,
    verbless: {
      segments: segments.with(-1, decodeSegment(head)),
      kept: kept.with(-1, decodeKeepingSlash(head)),
      verb: last.slice(colon + 1),
    },
  };
}

/** Decodes percent escapes once, strictly. @throws HttpError 400 */
export function decodeStrictly(text: string): string {
  if (/[^\x21-\x7e]|#/.test(text)) throw badPath(say("NOT_PERCENT_ENCODED"));
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw badPath(say("PERCENT_ESCAPE"));
  if (text.includes("%00")) throw badPath(say("NUL"));
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "%") {
      bytes.push(Number.parseInt(text.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(text.charCodeAt(i));
  }
  try {
    return utf8.decode(Uint8Array.from(bytes));
  } catch (cause) {
    throw cause instanceof TypeError ? badPath(say("BYTES_NOT_UTF8")) : cause;
  }
}

function decodeSegment(raw: string): string {
  if (raw.includes("\\")) throw badPath(say("BACKSLASH"));
  const text = decodeStrictly(raw);
  if (text.includes(".") && text.split(/[/\\]/).some((part) => part === "." || part === ".."))
    throw badPath(say("DOT_SEGMENT"));
  return text;
}

function decodeKeepingSlash(raw: string): string {
  if (!/%2f/i.test(raw)) return decodeSegment(raw);
  return raw
    .split(/(%2f)/i)
    .map((part, i) => (i % 2 === 1 ? part : decodeStrictly(part)))
    .join("");
}
