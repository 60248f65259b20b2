import { badQuery } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";
import { decodeStrictly } from "../routing/raw-path.ts";

/** The most parameters a query may have. */
export const maxParameters = 1000;

/** Splits a raw query into decoded names and values, in order. @throws HttpError 400 for malformed escapes */
export function parseQuery(raw: string): [name: string, value: string][] {
  if (raw === "") return [];
  const pieces = raw.split("&").filter((piece) => piece !== "");
  if (pieces.length > maxParameters) throw badQuery("", say("TOO_MANY_PARAMETERS", { max: maxParameters }));
  return pieces.map((piece) => {
    const equals = piece.indexOf("=");
    const [name, value] = equals === -1 ? [piece, ""] : [piece.slice(0, equals), piece.slice(equals + 1)];
    return [decodeStrictly(name.replaceAll("+", "%20")), decodeStrictly(value.replaceAll("+", "%20"))];
  });
}
