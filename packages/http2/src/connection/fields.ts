import type { Fields } from "../hpack/decoder.ts";

/** Fields of HTTP/1 connections, which HTTP/2 forbids (RFC 9113, section 8.2.2). */
const ofConnections: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"],
]);
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const BAD_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/;
const REQUEST_PSEUDO: ReadonlySet<string> = new Set([":method", ":scheme", ":path", ":authority"]);
const RESPONSE_PSEUDO: ReadonlySet<string> = new Set([":status"]);

/** Returns the first value of a name. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
}

/** Returns the fault of a request's fields (RFC 9113, section 8.3.1), or undefined. */
export function requestProblem(fields: Fields): string | undefined {
  const problem = problemOf(fields, REQUEST_PSEUDO);
  if (problem !== undefined) return problem;
  for (const name of [":method", ":scheme", ":path"]) if (!fieldOf(fields, name)) return `The request has no ${name}.`;
  const host = fieldOf(fields, "host");
  const authority = fieldOf(fields, ":authority");
  return host !== undefined && authority !== undefined && host !== authority ? "The request has two hosts." : undefined;
}

/** Returns the fault of a response's fields, or undefined. */
export function responseProblem(fields: Fields): string | undefined {
  const problem = problemOf(fields, RESPONSE_PSEUDO);
  if (problem !== undefined) return problem;
  return /^\d{3}$/.test(fieldOf(fields, ":status") ?? "") ? undefined : "The response has no status.";
}

/** Returns the fault of trailers, or undefined. */
export function trailersProblem(fields: Fields): string | undefined {
  return problemOf(fields, NONE);
}

const NONE: ReadonlySet<string> = new Set();

function problemOf(fields: Fields, pseudo: ReadonlySet<string>): string | undefined {
  let pseudoFields = 0;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? "";
    const value = fields[at + 1] ?? "";
    if (name.charCodeAt(0) === COLON) {
      if (!pseudo.has(name)) return `The field ${name} is not expected.`;
      if (pseudoFields * 2 !== at) return `${name} follows other fields.`;
      if (isRepeated(fields, name, at)) return `${name} is repeated.`;
      pseudoFields++;
    } else if (!NAME.test(name)) return "A field name has forbidden characters.";
    else if (ofConnections.has(name)) return `HTTP/2 forbids the field ${name}.`;
    else if (name === "te" && value !== "trailers") return "te is not trailers.";
    if (BAD_VALUE.test(value)) return `The value of ${name} has forbidden characters.`;
  }
  return undefined;
}

const COLON = 58;

/** Returns whether a name comes again. */
function isRepeated(fields: Fields, name: string, after: number): boolean {
  for (let at = after + 2; at < fields.length; at += 2) if (fields[at] === name) return true;
  return false;
}
