import { reflect } from "@bufbuild/protobuf/reflect";
import { keyViolation } from "@kontor/idempotency";
import type { MethodPolicy } from "@kontor/policy";
import { badHeader, type Call, say, singleHeader } from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";
import { textOf } from "../violations.ts";

const header = "Idempotency-Key";

/** Fills the request field of the key from the `Idempotency-Key` header. Both may be set if they are equal. @throws HttpError 400 */
export function fillIdempotencyKey({ idempotency }: MethodPolicy, call: Call): void {
  if (idempotency === undefined || idempotency.field === "") return;
  const { method, request } = call;
  const key = idempotencyKeyOf(request);
  if (key === undefined) return;
  const told = idempotency.key(call.encoded ?? call.message);
  if (told === key) return;
  if (told !== "" && told !== key) throw badHeader(header, say("HEADER_DIFFERS", { header, field: idempotency.field }));
  const field = method.input.fields.find((f) => f.name === idempotency.field);
  if (field?.fieldKind === "scalar") reflect(method.input, call.message).set(field, key);
}

/** The key in the header; undefined without one. @throws HttpError 400 */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const given = singleHeader(request.raw, header);
  if (given === undefined) return undefined;
  const key = unquoted(given);
  const violation = keyViolation(key, header);
  if (violation) throw badHeader(header, textOf(violation));
  return key;
}

/** The draft makes the header a quoted string, most clients send it bare. */
function unquoted(value: string): string {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value.trim())?.[1];
  return quoted === undefined ? value.trim() : quoted.replaceAll(/\\(.)/g, "$1");
}
