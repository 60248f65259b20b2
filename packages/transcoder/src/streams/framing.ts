/** How the messages of a server stream become one HTTP body. */
export interface Framing {
  readonly contentType: string;
  /** Returns the beginning of the body. */
  start(): string;
  /** Returns the end of a stream that ended without an error. `isVersioned` is true if one of its messages had a version. */
  end(isVersioned: boolean): string;
  /** Sent after a time without messages; empty if the format has no heartbeat. */
  readonly heartbeat: string;
  /** Returns a message. `version` is that of the resource, where the contract names it. */
  message(json: string, index: number, version: string | undefined): string;
  /** Returns the end of a stream that failed. No `end` follows it. */
  error(problem: string, index: number): string;
}

/** The media type of events for `EventSource` (HTML, section 9.2). */
export const eventStreamType = "text/event-stream";

/** The id at the end of an event stream that sent no versions. A reconnect with it does not receive the same events again. */
export const END_ID = "end";

/** Bounds of the time after which clients reconnect, in milliseconds. They are spread, so that those of one connection lost do not come at once. */
const RECONNECT = { leastMs: 1_000, mostMs: 4_000 };

const framings: Readonly<Record<string, Framing>> = {
  [eventStreamType]: {
    contentType: `${eventStreamType}; charset=utf-8`,
    start: () => `retry: ${Math.round(RECONNECT.leastMs + Math.random() * (RECONNECT.mostMs - RECONNECT.leastMs))}\n\n`,
    end: (isVersioned) => (isVersioned ? "" : `id: ${END_ID}\n\n`),
    heartbeat: ":\n\n",
    message: (json, _, version) => `${version === undefined ? "" : `id: ${version}\n`}data: ${json}\n\n`,
    // An EventSource fires events named `error` itself, for lost connections.
    error: (problem) => `event: problem\ndata: ${problem}\n\n`,
  },
  "application/x-ndjson": {
    contentType: "application/x-ndjson; charset=utf-8",
    start: () => "",
    end: () => "",
    heartbeat: "",
    message: (json) => `${json}\n`,
    error: (problem) => `{"error":${problem}}\n`,
  },
  "application/json": {
    contentType: "application/json; charset=utf-8",
    start: () => "[",
    end: () => "]",
    heartbeat: "",
    message: (json, index) => `${index === 0 ? "" : ",\n"}${json}`,
    error: (problem, index) => `${index === 0 ? "" : ",\n"}{"error":${problem}}`,
  },
};

/** The media types in which a client can request a server stream. */
export const streamTypes = Object.keys(framings);

/** The framing of a media type; a JSON array when it is none of {@link streamTypes}. */
export function framingOf(type: string | undefined): Framing {
  return framings[type ?? "application/json"] ?? (framings["application/json"] as Framing);
}
