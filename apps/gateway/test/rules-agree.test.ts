import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  create,
  createFileRegistry,
  type DescField,
  type DescMethod,
  fromBinary,
  type Message,
  type Registry,
  ScalarType,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type FieldViolation, isKontorError } from "@kontor/errors";
import { wireFromJson } from "@kontor/proto-json";
import { registry } from "@kontor/shop/registry";
import { temporaryFolder } from "@kontor/testing";
import { createRequestRules, type RequestRules } from "@kontor/validation";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The contracts as the gateway reads them from a file, with separate descriptors. */
const foreign = await (async (): Promise<Registry> => {
  const file = join(await temporaryFolder("rules"), "shop.binpb");
  await promisify(execFile)(join(root, "node_modules/.bin/buf"), ["build", "proto", "-o", file], { cwd: root });
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(file)));
})();
const onDefect = (error: Error) => {
  throw error;
};
const service = createRequestRules({ contracts: registry, onDefect });
const edge = createRequestRules({ contracts: foreign, onDefect });

const methods = [...registry]
  .filter((type) => type.kind === "service")
  .filter(({ typeName }) => typeName.startsWith("shop."))
  .flatMap((type) => type.methods);

/** A value for one field of a request, at the end of a path of fields. */
type Probe = { readonly path: readonly DescField[]; readonly value: unknown };

/** Returns the paths to all numbers, texts and lists of a request, through its messages. */
function* pathsIn(fields: readonly DescField[], before: readonly DescField[] = []): Generator<readonly DescField[]> {
  if (before.length > 3) return;
  for (const field of fields) {
    const path = [...before, field];
    if (field.fieldKind === "scalar" || field.fieldKind === "list") yield path;
    const inner = field.fieldKind === "map" ? undefined : field.message;
    if (inner && !inner.typeName.startsWith("google.")) yield* pathsIn(inner.fields, path);
  }
}

function set(message: ReflectMessage, [field, ...rest]: readonly DescField[], value: unknown): void {
  if (field === undefined) return;
  const inner = field.message && reflect(field.message);
  if (rest.length > 0 && inner) set(inner, rest, value);
  if (field.fieldKind === "list") {
    const items = rest.length > 0 ? [inner] : Array.from({ length: value as number }, () => inner ?? itemOf(field));
    for (const item of items) message.get(field).add(item);
  } else message.set(field, rest.length > 0 ? inner : value);
}

function itemOf({ scalar, enum: desc }: DescField): unknown {
  return desc || scalar !== ScalarType.STRING ? 0 : "a";
}

/** Returns values far outside of what any rule allows. */
function extremesOf(field: DescField): readonly unknown[] {
  if (field.fieldKind === "list") return [0, 20_000];
  switch (field.scalar) {
    case ScalarType.STRING:
      return ["", "x".repeat(20_000), "ä\u0000", "4111 1111 1111 1111", "\u202e"];
    case ScalarType.INT32:
      return [-(2 ** 31), 0, 2 ** 31 - 1];
    case ScalarType.INT64:
      return [-(2n ** 63n), 0n, 2n ** 63n - 1n];
    default:
      return [];
  }
}

/** Returns the values at and next to the limits that a violation names, and whether they exceed them. */
function limitsOf(field: DescField, { params = {} }: FieldViolation): readonly [value: unknown, exceeds: boolean][] {
  const { min, max, allowed = "x" } = params;
  const make = (limit: bigint) => {
    if (field.fieldKind === "list") return Number(limit);
    if (field.scalar === ScalarType.STRING) return String(allowed).slice(0, 1).repeat(Number(limit));
    return field.scalar === ScalarType.INT64 ? limit : Number(limit);
  };
  const isSize = field.fieldKind === "list" || field.scalar === ScalarType.STRING;
  const at = (limit: bigint, exceeds: boolean): [unknown, boolean][] =>
    isSize && limit < 0n ? [] : [[make(limit), exceeds]];
  return [
    ...(min === undefined ? [] : [...at(BigInt(String(min)) - 1n, true), ...at(BigInt(String(min)), false)]),
    ...(max === undefined ? [] : [...at(BigInt(String(max)) + 1n, true), ...at(BigInt(String(max)), false)]),
  ];
}

function requestOf(method: DescMethod, { path, value }: Probe): Message {
  const message = create(method.input);
  set(reflect(method.input, message), path, value);
  return message;
}

function violationsOf(rules: RequestRules, method: DescMethod, request: Message): readonly FieldViolation[] {
  try {
    rules.of(method)?.(request);
    return [];
  } catch (error) {
    if (isKontorError(error, "INVALID_REQUEST")) return error.violations;
    throw error;
  }
}

const nameOf = (path: readonly DescField[]) =>
  path
    .map(({ jsonName, fieldKind }, index) => jsonName + (fieldKind === "list" && index < path.length - 1 ? "[0]" : ""))
    .join(".");

/** Returns whether the JSON of a request passes the gates of its rules: then it is not validated at the edge. */
function passes(method: DescMethod, request: Message): boolean {
  const gates = service.gates(method);
  const json = Buffer.from(JSON.stringify(toJson(method.input, request)));
  return gates !== undefined && wireFromJson(method.input, json, { gates }) !== undefined;
}

let limits = 0;
let passed = 0;
afterAll(() => {
  expect(limits).toBeGreaterThan(300);
  expect(passed).toBeGreaterThan(100);
});

describe("the rules of every field of every request", () => {
  it.each(methods.map((method) => [`${method.parent.name}.${method.name}`, method] as const))(
    "of %s apply exactly at their limits, at the edge as in the service",
    (_, method) => {
      const remote = foreign.getService(method.parent.typeName)?.methods.find(({ name }) => name === method.name);
      if (remote === undefined) throw new TypeError("the file lacks the RPC");
      const probe = (path: readonly DescField[], value: unknown): readonly FieldViolation[] => {
        const request = requestOf(method, { path, value });
        const found = violationsOf(service, method, request);
        const there = violationsOf(edge, remote, fromBinary(remote.input, toBinary(method.input, request)));
        expect(there, nameOf(path)).toEqual(found);
        if (passes(method, request)) {
          passed += 1;
          expect(found, nameOf(path)).toEqual([]);
        }
        return found.filter(({ field }) => field === nameOf(path));
      };
      for (const path of pathsIn(method.input.fields)) {
        const field = path.at(-1);
        if (field === undefined) continue;
        for (const extreme of extremesOf(field))
          for (const violation of probe(path, extreme))
            for (const [value, exceeds] of limitsOf(field, violation)) {
              limits += 1;
              const codes = probe(path, value).map(({ code }) => code);
              const isZero = codes.includes("ZERO") || (exceeds && !value);
              if (!isZero)
                expect(codes.includes(violation.code), `${nameOf(path)}: ${violation.code} of ${value}`).toBe(exceeds);
            }
      }
    },
    120_000,
  );
});
