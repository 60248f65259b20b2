import type { IncomingMessage } from "node:http";
import { badHeader } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";

/** The value of a header that may be given once. A comma in it does not make two. @throws HttpError 400 when it is given twice */
export function singleHeader(request: IncomingMessage, name: string): string | undefined {
  const key = name.toLowerCase();
  if (request.headers[key] === undefined) return undefined; // Telling them apart costs more than most requests need.
  const values = request.headersDistinct[key];
  if (values !== undefined && values.length > 1) throw badHeader(name, say("REPEATED_HEADER", { name }));
  return values?.[0];
}
