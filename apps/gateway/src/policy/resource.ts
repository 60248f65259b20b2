import type { DescMethod } from "@bufbuild/protobuf";
import { methodResource } from "@kontor/policy";
import { type Answer, badHeader, type Call, type EdgeCall, type Invoker, RouteError, say } from "@kontor/transcoder";
import { CODINGS } from "./encoding/content-coding.ts";
import { fillField } from "./fill-field.ts";
import { edgeErrors } from "./policy-errors.ts";

/** Reads the resource options of an RPC that has a route. @throws RouteError when they name an unknown field */
export function checkResource(method: DescMethod): void {
  try {
    methodResource(method);
  } catch (cause) {
    throw new RouteError(method, cause instanceof Error ? cause.message : String(cause));
  }
}

/** Adds `Location` and `ETag` to responses, as the contract declares. */
export function withResource(invoke: Invoker): Invoker {
  return async (call) => {
    const { location, version } = methodResource(call.method);
    if (location === undefined && version === undefined) return invoke(call);
    return described(call, await invoke(call));
  };
}

function described(call: Call, answer: Answer): Answer {
  const { location, version } = methodResource(call.method);
  const response = answer.wire ?? answer.message;
  const path = location?.(call.encoded ?? call.message, response);
  const tag = version?.(response);
  if (!path && !tag) return answer;
  const headers = { ...answer.headers, ...(path && { Location: path }), ...(tag && { ETag: `"${tag}"` }) };
  const { json, wire } = answer;
  if (json === undefined || wire === undefined) return { ...answer, headers };
  return {
    json,
    wire,
    headers,
    get message() {
      return answer.message; // Made only when something reads it.
    },
  };
}

const tagsOf = /^\s*(?:W\/)?"[^"]*"\s*(?:,\s*(?:W\/)?"[^"]*"\s*)*$/;
/** Returns one strong tag, without the suffix of the response's coding. */
const oneTag = new RegExp(`^\\s*"([^"]*?)(?:-(?:${CODINGS.join("|")}))?"\\s*$`);

/**
 * Refuses a condition that the RPC cannot check, instead of ignoring it.
 *
 * @throws KontorError PRECONDITION_FAILED
 * @throws HttpError 400 for a malformed condition
 */
export function refuseConditions({ method, request, found }: EdgeCall): void {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers;
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (ifNoneMatch !== undefined && !isRead) throw edgeErrors.PRECONDITION_FAILED({ header: "If-None-Match" });
  if (ifMatch === undefined) return;
  if (ifMatch.trim() !== "*" && !tagsOf.test(ifMatch)) throw badHeader("If-Match", say("ENTITY_TAGS"));
  const isChecked = methodResource(found.route.method).ifMatchField !== undefined && method.methodKind === "unary";
  if (!isChecked) throw edgeErrors.PRECONDITION_FAILED({ header: "If-Match" });
}

/**
 * Fills the version that a change is bound to from `If-Match`. `*` binds it to none.
 *
 * @throws KontorError PRECONDITION_FAILED for a tag that is no version, or weak
 * @throws HttpError 400 for several tags, or a body with another version
 */
export function fillIfMatch(call: Call): void {
  const given = call.request.headers["if-match"];
  const { ifMatchField } = methodResource(call.method);
  if (given === undefined || ifMatchField === undefined || given.trim() === "*") return;
  if (given.includes(",")) throw badHeader("If-Match", say("ONE_ENTITY_TAG"));
  const version = oneTag.exec(given)?.[1];
  const filled = version === undefined ? "unreadable" : fillField(call, ifMatchField, version);
  if (filled === "unreadable") throw edgeErrors.PRECONDITION_FAILED({ header: "If-Match" });
  if (filled === "differs")
    throw badHeader("If-Match", say("HEADER_DIFFERS", { header: "If-Match", field: ifMatchField }));
}
