import type { Route } from "@kontor/transcoder";
import type { Schema } from "./schema.ts";

/** A path of the document, with a parameter for each part of the template that is not fixed. */
export interface DescribedPath {
  /** Such as `/api/v1/orders/{order_id}:cancel`. */
  readonly path: string;
  /** Equal for paths that match the same requests, with any names of parameters. */
  readonly shape: string;
  readonly parameters: readonly PathParameter[];
}

/** A parameter of a path. */
interface PathParameter {
  readonly name: string;
  /** The names of the field that it fills, with those of the messages around it. */
  readonly field: readonly string[];
  readonly schema: Schema;
  /** Whether it may contain slashes. */
  readonly rest: boolean;
}

/** Returns the path of a route. Each `*` of a variable becomes a parameter of its own, so that fixed parts remain visible. */
export function describePath({ template, path: bindings }: Route): DescribedPath {
  const parameters: PathParameter[] = [];
  const parts: string[] = [];
  for (const [i, segment] of template.segments.entries()) {
    if (segment.kind === "literal") {
      parts.push(encodeURIComponent(segment.text).replaceAll("%40", "@"));
      continue;
    }
    const binding = bindings.find(({ variable }) => i >= variable.start && (variable.rest || i < variable.end));
    const open = template.segments.slice(binding?.variable.start ?? 0, binding?.variable.end).filter(isOpen);
    const base = binding?.variable.path.join("_") ?? "part"; // Some readers take a dot for a field of the parameter.
    const position = binding ? open.indexOf(segment) + 1 : parameters.length + 1;
    const name = binding && open.length === 1 ? base : `${base}_${position}`;
    const rest = segment.kind === "rest";
    parts.push(`{${name}}`);
    parameters.push({
      name,
      field: binding?.variable.path ?? [],
      schema: { type: "string", ...(rest ? {} : { minLength: 1 }) },
      rest,
    });
  }
  const verb = template.verb === "" ? "" : `:${template.verb}`;
  const path = `/${parts.join("/")}${verb}`;
  return { path, shape: path.replaceAll(/\{[^}]*\}/g, "{}"), parameters };
}

function isOpen({ kind }: { readonly kind: string }): boolean {
  return kind !== "literal";
}
