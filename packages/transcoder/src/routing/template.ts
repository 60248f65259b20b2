/** A path template of `google/api/http.proto`, flattened to segments. */
export interface Template {
  /** A literal, `*` or `**`; `**` only as the last one. */
  readonly segments: readonly Segment[];
  readonly variables: readonly Variable[];
  /** The custom verb without its colon; empty when there is none. */
  readonly verb: string;
}

/** One segment of a path. */
type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "rest" };

/** A variable and the segments that it captures, `end` exclusive; `rest` captures everything from `start`. */
export interface Variable {
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly rest: boolean;
  /** Whether the pattern can span slashes; then `%2F` remains encoded in the value. */
  readonly multi: boolean;
}

const ident = /^[A-Za-z_][A-Za-z0-9_]*$/;
const literal = /^(?:[A-Za-z0-9._~!$&'()+,;=@-]|%[0-9A-Fa-f]{2})+$/;

/**
 * Parses a path template.
 *
 * ```
 * Template  = "/" [ Segments ] [ ":" LITERAL ] Segments = Segment { "/" Segment }
 * Segment   = "*" | "**" | LITERAL | Variable   Variable = "{" FieldPath [ "=" Segments ] "}"
 * ```
 *
 * @throws Error with a sentence about the fault.
 */
export function parseTemplate(text: string): Template {
  if (!text.startsWith("/")) throw new Error("the path must start with a slash");
  const { path, verb } = splitVerb(text);
  const segments: Segment[] = [];
  const variables: Variable[] = [];
  // The root has one segment, which is empty, as its requests do.
  if (path === "/") segments.push({ kind: "literal", text: "" });
  for (const part of path === "/" ? [] : splitOutsideBraces(path.slice(1))) {
    if (part.startsWith("{")) variables.push(variable(part, segments));
    else segments.push(segment(part));
  }
  const rest = segments.findIndex((s) => s.kind === "rest");
  if (rest !== -1 && rest !== segments.length - 1)
    throw new Error("`**` must be the last part of the path but for a verb");
  const seen = new Set<string>();
  for (const { path } of variables) {
    const name = path.join(".");
    if (seen.has(name)) throw new Error(`the variable "${name}" occurs twice`);
    seen.add(name);
  }
  return { segments, variables, verb };
}

/** The template with its variables replaced by what they match: equal shapes claim the same requests. */
export function shapeOf(template: Template): string {
  const path = template.segments.map((s) => (s.kind === "literal" ? s.text : s.kind === "one" ? "*" : "**"));
  return `/${path.join("/")}${template.verb === "" ? "" : `:${template.verb}`}`;
}

function splitVerb(text: string): { path: string; verb: string } {
  const colon = text.indexOf(":", Math.max(text.lastIndexOf("}"), text.lastIndexOf("/")));
  if (colon === -1) return { path: text, verb: "" };
  const verb = text.slice(colon + 1);
  if (!/^[A-Za-z0-9._~-]+$/.test(verb)) throw new Error(`"${verb}" is not a verb`);
  return { path: text.slice(0, colon), verb };
}

function splitOutsideBraces(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of text) {
    if (char === "{" && ++depth > 1) throw new Error("variables do not nest");
    if (char === "}" && --depth < 0) throw new Error("a brace closes that was never opened");
    if (char === "/" && depth === 0) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  if (depth !== 0) throw new Error("a brace is never closed");
  parts.push(part);
  return parts;
}

function variable(part: string, segments: Segment[]): Variable {
  if (!part.endsWith("}")) throw new Error(`"${part}" mixes a variable with text in one segment`);
  const [name = "", ...patterns] = part.slice(1, -1).split("=");
  const path = name.split(".");
  if (!path.every((step) => ident.test(step))) throw new Error(`"${name}" is not a field path`);
  if (patterns.length > 1) throw new Error(`"${part}" has two patterns`);
  const inner = (patterns[0] ?? "*").split("/").map(segment);
  const start = segments.length;
  segments.push(...inner);
  const rest = inner.at(-1)?.kind === "rest";
  return { path, start, end: segments.length, rest, multi: rest || inner.length > 1 };
}

function segment(text: string): Segment {
  if (text === "*") return { kind: "one" };
  if (text === "**") return { kind: "rest" };
  if (text === "") throw new Error("a segment is empty");
  if (text === "." || text === "..") throw new Error("a segment is a dot segment");
  if (!literal.test(text)) throw new Error(`"${text}" is not a literal`);
  return { kind: "literal", text: decodeURIComponent(text) };
}
