import { type HttpError, refusal } from "../problems/http-error.ts";
import { say, type Text } from "../problems/text.ts";
import type { Route } from "../routing/route.ts";
import { takesBytes } from "./build-request.ts";
import { parseMediaType } from "./media-type.ts";
import { mergePatchType, takesMergePatch } from "./merge-patch.ts";

const json = ["application/json"];
const jsonStreams = [...json, "application/x-ndjson"];
const jsonPatches = [...json, mergePatchType];

/**
 * Returns the media types of the JSON bodies of a route: also NDJSON where messages stream, and merge patches where a mask can express the
 * same change.
 */
function bodyTypesOf(route: Route): readonly string[] {
  if (route.method.methodKind === "client_streaming") return jsonStreams;
  return takesMergePatch(route) ? jsonPatches : json;
}

/** Returns the `Accept-Patch` of a PATCH route (RFC 5789, section 3.1); undefined for other routes and those that take any bytes. */
export function acceptPatchOf(route: Route): string | undefined {
  return route.httpMethod === "PATCH" && !takesBytes(route) ? bodyTypesOf(route).join(", ") : undefined;
}

/** Accepts the JSON types of a route in UTF-8 and nothing else. @throws HttpError 415 that lists them */
export function requireBodyType(contentType: string | undefined, route: Route): void {
  const accepted = bodyTypesOf(route);
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  if (media === undefined || !accepted.includes(media.type)) throw unsupported(say("MEDIA_TYPE", { accepted }), route);
  const charset = media.parameters.get("charset");
  if (charset !== undefined && charset.toLowerCase() !== "utf-8") throw unsupported(say("CHARSET"), route);
}

function unsupported(text: Text, route: Route): HttpError {
  const patch = acceptPatchOf(route);
  const headers = { Accept: bodyTypesOf(route).join(", "), ...(patch && { "Accept-Patch": patch }) };
  return refusal("UNSUPPORTED_MEDIA_TYPE", text, { headers });
}
