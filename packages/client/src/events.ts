/** A part of a stream: an event, or only what it says about the connection. */
export interface StreamEvent {
  /** JSON of a message; undefined for an event without data. */
  readonly data?: string;
  readonly id?: string;
  /** The type of the event. Default: `message`. */
  readonly type?: string;
  /** How long to wait before a reconnect, in milliseconds. */
  readonly retryMs?: number;
}

/** Reads the events of `text/event-stream` (HTML, section 9.2.6). */
export async function* serverSentEvents(texts: AsyncIterable<string>): AsyncGenerator<StreamEvent> {
  let fields: { data?: string; id?: string; type?: string; retryMs?: number } = {};
  for await (const line of linesOf(texts)) {
    if (line === "") {
      if (Object.keys(fields).length > 0) yield fields;
      fields = {};
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`;
    else if (name === "id" && !value.includes("\0")) fields.id = value;
    else if (name === "event") fields.type = value;
    else if (name === "retry" && /^\d+$/.test(value)) fields.retryMs = Number(value);
  }
}

/** Reads NDJSON: a message a line. A failure is the only line that has `error` alone. */
export async function* jsonLines(texts: AsyncIterable<string>): AsyncGenerator<StreamEvent> {
  for await (const line of linesOf(texts)) {
    if (line.trim() === "") continue;
    const failure = line.startsWith('{"error":{') ? (JSON.parse(line) as { error: { code?: unknown } }) : undefined;
    if (failure && Object.keys(failure).length === 1 && typeof failure.error.code === "string")
      yield { type: "problem", data: JSON.stringify(failure.error) };
    else yield { data: line };
  }
}

/** Splits texts into lines that end with LF, CRLF or CR. What follows the last end is dropped: it was cut off. */
async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of texts) {
    rest += text;
    // A CR at the end may be the half of a CRLF.
    const parts = rest.split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest.endsWith("\r")) yield rest.slice(0, -1);
}
