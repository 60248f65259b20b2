/** The meaning of NATS errors. They are recognised by name and number, because their classes would load the library early. */
type Told = { readonly name?: unknown; readonly code?: unknown } | null | undefined;

// "wrong last sequence", and the same of a change that several servers are still agreeing on.
const CONFLICTS: ReadonlySet<unknown> = new Set([10_071, 10_164]);
const STREAM_NOT_FOUND = 10_059;
// "JetStream system temporarily unavailable", and "JetStream cluster can not handle request".
const LEADERLESS: ReadonlySet<unknown> = new Set([10_008, 10_009]);

/** Returns whether another client changed the key first. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has((error as Told)?.code);
}

/** Returns whether the stream is unavailable: it was deleted, or has no leader now. */
export function isStreamGone(error: unknown): boolean {
  const { name, code } = (error as Told) ?? {};
  return code === STREAM_NOT_FOUND || name === "JetStreamNotEnabled"; // The library's name for a request without responders.
}

/** Returns whether the request may have been executed although no response arrived. */
export function isUnanswered(error: unknown): boolean {
  return (error as Told)?.name === "TimeoutError";
}

/** Whether waiting for another leader may help. */
export function isPassing(error: unknown): boolean {
  return LEADERLESS.has((error as Told)?.code) || isUnanswered(error) || isStreamGone(error);
}
