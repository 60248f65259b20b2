/** Response metadata that clients see as headers. */
const shown = [["idempotent-replayed", "Idempotent-Replayed"]] as const;

/** The headers of an answer that clients see; undefined when there are none. */
export function answerHeaders(metadata: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  let headers: Record<string, string> | undefined;
  for (const [name, header] of shown) {
    const value = metadata[name];
    if (typeof value === "string") headers = { ...headers, [header]: value };
  }
  return headers;
}
