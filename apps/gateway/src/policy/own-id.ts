import type { Found } from "@kontor/transcoder";

/** What a path says instead of the id of the user who makes the request: `/api/v1/users/me`. */
const ME = "me";

/** Puts the subject of the token where the path says `me` for the owner. */
export function withOwnId(found: Found, ownerField: string, subject: string): Found {
  const bound = found.route.path.find(({ field }) => field.map(({ name }) => name).join(".") === ownerField);
  if (bound === undefined || bound.variable.multi) return found;
  const { start } = bound.variable;
  if (found.segments[start] !== ME) return found;
  return { ...found, segments: found.segments.with(start, subject), kept: found.kept.with(start, subject) };
}
