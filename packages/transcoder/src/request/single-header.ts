import type { IncomingMessage } from "node:http";
import { badHeader } from "../problems/http-error.ts";
import { say } from "../problems/text.ts";

/** The value of a header that may be given once. A comma in it does not make two. @throws HttpError 400 when it is given twice */
export function singleHeader({ headers, rawHeaders }: IncomingMessage, name: string): string | undefined {
  const key = name.toLowerCase();
  if (headers[key] === undefined) return undefined;
  let value: string | undefined;
  // Not `headersDistinct`, which makes an array for each header of the request.
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const given = rawHeaders[i];
    if (given?.length !== key.length || given.toLowerCase() !== key) continue;
    if (value !== undefined) throw badHeader(name, say("REPEATED_HEADER", { name }));
    value = rawHeaders[i + 1];
  }
  return value;
}
