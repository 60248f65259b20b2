/** A parsed Content-Type: type and parameters in lower case names. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const typeAtStart = new RegExp(`^(${token}/${token})`);
const parameter = new RegExp(
  `[ \\t]*;[ \\t]*(?:(${token})=(?:(${token})|"((?:[^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]|\\\\[\\t -~])*)"))?`,
  "y",
);

/** Parses a media type by the grammar of RFC 9110, section 8.3. Undefined when it does not match to the end. */
export function parseMediaType(text: string): MediaType | undefined {
  const trimmed = text.trim();
  const type = typeAtStart.exec(trimmed)?.[1];
  if (type === undefined) return undefined;
  const parameters = new Map<string, string>();
  let at = type.length;
  while (at < trimmed.length) {
    parameter.lastIndex = at;
    const match = parameter.exec(trimmed);
    if (match === null) return undefined;
    at = parameter.lastIndex;
    const name = match[1]?.toLowerCase();
    if (name === undefined) continue;
    if (parameters.has(name)) return undefined;
    parameters.set(name, match[2] ?? (match[3] ?? "").replaceAll(/\\(.)/g, "$1"));
  }
  return { type: type.toLowerCase(), parameters };
}

/** The first of the offered types that an Accept header takes with the highest weight. */
export function negotiate(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (accept === undefined) return undefined;
  let best: { type: string; weight: number } | undefined;
  for (const range of accept.split(",")) {
    const media = parseMediaType(range);
    if (media === undefined || !offered.includes(media.type)) continue;
    const weight = Number(media.parameters.get("q") ?? 1);
    if (weight > (best?.weight ?? 0)) best = { type: media.type, weight };
  }
  return best?.type;
}
