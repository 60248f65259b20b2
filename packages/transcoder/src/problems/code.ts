/** One canonical status code of gRPC: its number, its name and the HTTP status that `google/rpc/code.proto` gives it. */
export interface Code {
  /** Its number on the wire. */
  readonly number: number;
  /** Its name, such as `NOT_FOUND`. */
  readonly name: string;
  /** The HTTP status of an error with this code. */
  readonly http: number;
  /** The title of a problem document. */
  readonly title: string;
}

const table: readonly (readonly [name: string, http: number, title: string])[] = [
  ["OK", 200, "OK"],
  ["CANCELLED", 499, "Cancelled"],
  ["UNKNOWN", 500, "Internal error"],
  ["INVALID_ARGUMENT", 400, "Invalid request"],
  ["DEADLINE_EXCEEDED", 504, "Deadline exceeded"],
  ["NOT_FOUND", 404, "Not found"],
  ["ALREADY_EXISTS", 409, "Already exists"],
  ["PERMISSION_DENIED", 403, "Permission denied"],
  ["RESOURCE_EXHAUSTED", 429, "Too many requests"],
  ["FAILED_PRECONDITION", 400, "Failed precondition"],
  ["ABORTED", 409, "Conflict"],
  ["OUT_OF_RANGE", 400, "Out of range"],
  ["UNIMPLEMENTED", 501, "Not implemented"],
  ["INTERNAL", 500, "Internal error"],
  ["UNAVAILABLE", 503, "Unavailable"],
  ["DATA_LOSS", 500, "Internal error"],
  ["UNAUTHENTICATED", 401, "Unauthenticated"],
];

const codes: readonly Code[] = table.map(([name, http, title], number) => ({ number, name, http, title }));
const unknown: Code = { number: 2, name: "UNKNOWN", http: 500, title: "Internal error" };

/** The numbers of the canonical codes that the transcoder itself sends. */
export const Status = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/**
 * Returns the code with this number; UNKNOWN when there is none, as gRPC prescribes.
 *
 * ```ts
 * codeOf(5).http; // 404
 * ```
 */
export function codeOf(number: number): Code {
  return codes[number] ?? unknown;
}

/** The number of the code with this name; that of UNKNOWN when there is none. */
export function numberOf(name: string): number {
  return codes.find((code) => code.name === name)?.number ?? unknown.number;
}
