import type { Found } from "@kontor/transcoder";

/** The word of a path that replaces the id of the request's user: `/api/v1/users/me`. */
const ME = "me";

/** Replaces `me` in the path by the subject of the token. */
export function withOwnId(found: Found, ownerField: string, subject: string): Found {
  const bound = found.route.path.find(({ field }) => field.map(({ name }) => name).join(".") === ownerField);
  if (bound === undefined || bound.variable.multi) return found;
  const { start } = bound.variable;
  if (found.segments[start] !== ME) return found;
  return { ...found, segments: found.segments.with(start, subject), kept: found.kept.with(start, subject) };
}
