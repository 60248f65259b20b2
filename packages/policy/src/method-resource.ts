import { type DescField, type DescMessage, type DescMethod, ScalarType } from "@bufbuild/protobuf";
import { entity_tag, location } from "@kontor/contracts/options/v1/options";
import { declaredOption } from "./declared-option.ts";
import type { Received } from "./field.ts";
import { PolicyError } from "./method-policy.ts";
import { wireReader } from "./wire-value.ts";

/** How an RPC names the resource that it creates or returns. */
export interface MethodResource {
  /** Returns the path of the created resource; undefined where the response does not name it. */
  readonly location?: (request: Received, response: Received) => string | undefined;
  /** Returns the version of the resource; undefined where the response has none. It is an integer in messages of a stream. */
  readonly version?: (response: Received) => string | undefined;
  /** The request field that the version is checked by, in proto names joined by dots. */
  readonly ifMatchField?: string;
}

const known = new WeakMap<DescMethod, MethodResource>();

/**
 * Reads the resource of an RPC from its options. The result is cached per method.
 *
 * @throws PolicyError naming the RPC and the field that is unknown, or is no string or integer
 */
export function methodResource(method: DescMethod): MethodResource {
  const resource = known.get(method) ?? read(method);
  known.set(method, resource);
  return resource;
}

function read(method: DescMethod): MethodResource {
  const path = declaredOption(method, location);
  const tag = declaredOption(method, entity_tag);
  const refuse = (field: string, problem: string): never => {
    throw new PolicyError(`${method.parent.typeName}/${method.name}: ${problem} "${field}".`);
  };
  const isStream = method.methodKind === "server_streaming";
  if (isStream && tag?.field && readValue(method.output, tag.field, integers) === undefined)
    refuse(tag.field, "the messages of the stream have no integer");
  if (tag?.ifMatchField && !readValue(method.input, tag.ifMatchField))
    refuse(tag.ifMatchField, "the request has no string or integer");
  return {
    ...(path && { location: pathReader(method, path, refuse) }),
    ...(tag?.field && {
      version: readValue(method.output, tag.field) ?? refuse(tag.field, "the response has no string or integer"),
    }),
    ...(tag?.ifMatchField && { ifMatchField: tag.ifMatchField }),
  };
}

type ValueReader = (source: Received) => string | undefined;

function pathReader(
  method: DescMethod,
  path: string,
  refuse: (field: string, problem: string) => never,
): (request: Received, response: Received) => string | undefined {
  const parts = path.split(/\{([^}]*)\}/).map((part, i) => {
    if (i % 2 === 0) return () => part;
    const ofResponse = readValue(method.output, part);
    const ofRequest = readValue(method.input, part);
    if (!ofResponse && !ofRequest)
      return refuse(part, "location: neither response nor request has a string or integer");
    return (request: Received, response: Received) => {
      const value = ofResponse ? ofResponse(response) : ofRequest?.(request);
      return value && encodeURIComponent(value);
    };
  });
  return (request, response) => {
    const values = parts.map((read) => read(request, response));
    return values.includes(undefined) ? undefined : values.join("");
  };
}

const integers = new Set([ScalarType.INT32, ScalarType.INT64, ScalarType.UINT32, ScalarType.UINT64]);
const readable: ReadonlySet<ScalarType> = new Set([ScalarType.STRING, ...integers]);

/** Compiles the reader of a string or integer field; undefined if the path leads to none. Empty and 0 are read as undefined. */
function readValue(desc: DescMessage, path: string, types = readable): ValueReader | undefined {
  const fields: DescField[] = [];
  let at: DescMessage | undefined = desc;
  let isReadable = false;
  for (const name of path.split(".")) {
    const field: DescField | undefined = at?.fields.find((each) => each.name === name);
    if (field === undefined || field.oneof) return undefined;
    fields.push(field);
    at = field.fieldKind === "message" ? field.message : undefined;
    isReadable = field.fieldKind === "scalar" && types.has(field.scalar);
  }
  const ofWire = wireReader(fields);
  if (!isReadable || ofWire === undefined) return undefined;
  const names = fields.map(({ localName }) => localName);
  return (source) => {
    if (source instanceof Uint8Array) return ofWire(source);
    let value: unknown = source;
    for (const name of names) value = (value as Record<string, unknown> | undefined)?.[name];
    return value ? String(value) : undefined;
  };
}
