import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { create, type DescField, type DescMessage, ScalarType, toBinary, toJson } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect, type ScalarValue } from "@bufbuild/protobuf/reflect";
import { versionOf } from "@kontor/messaging";
import { registry } from "../src/registry.ts";
import { topology } from "../src/topology.ts";

/** A published event in a shape that was ever published: its bytes, and what they must be read as. */
export interface GoldenMessage {
  readonly type: string;
  readonly version: number;
  /** Every field of the event, also of messages inside. */
  readonly fields: readonly string[];
  /** Base64 of an event with all of them. */
  readonly payload: string;
  /** The event as ProtoJSON of the release that published it. */
  readonly event: unknown;
}

const folder = new URL("golden-events/", import.meta.url);

/** Returns every event of the shop's streams: the messages of the files `events.proto`. */
export function publishedEvents(): DescMessage[] {
  const packages = topology.streams.map((stream) => stream.package);
  return [...registry].filter(
    (type): type is DescMessage =>
      type.kind === "message" &&
      type.file.name.endsWith("/events") &&
      packages.some((name) => name === type.file.proto.package),
  );
}

/** Returns the name of the file that holds the present shape of an event. */
export function fileOf(schema: DescMessage): string {
  const shape = createHash("sha256")
    .update([versionOf(schema), ...fieldsOf(schema)].join("\n"))
    .digest("hex");
  return `${schema.file.proto.package}/${schema.name}.${shape.slice(0, 8)}.json`;
}

/** Returns the present type of a golden event: contracts were `kontor.<service>.v1` before decision 0047, and their bytes are read forever. */
export function presentType(type: string): string {
  return type.replace(/^kontor\./, "shop.");
}

/** Reads all golden files. */
export function readGolden(): { readonly file: string; readonly golden: GoldenMessage }[] {
  const files = readdirSync(folder, { encoding: "utf8", recursive: true }).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => ({ file, golden: JSON.parse(readFileSync(new URL(file, folder), "utf8")) }));
}

/** Writes the golden files that are missing. Those of earlier shapes stay. */
export function writeMissing(): void {
  for (const schema of publishedEvents()) {
    const path = new URL(fileOf(schema), folder);
    if (existsSync(path)) continue;
    mkdirSync(new URL(".", path), { recursive: true });
    const event = filled(schema, []).message;
    const golden: GoldenMessage = {
      ...{ type: schema.typeName, version: versionOf(schema), fields: fieldsOf(schema) },
      payload: Buffer.from(toBinary(schema, event)).toString("base64"),
      event: toJson(schema, event),
    };
    writeFileSync(path, `${JSON.stringify(golden, null, 2)}\n`);
  }
}

function fieldsOf(schema: DescMessage, path = "", within: readonly DescMessage[] = []): string[] {
  return schema.fields.flatMap((field) => {
    const name = `${path}${field.number} ${field.name}`;
    const inner = messageOf(field);
    const line = `${name}: ${field.fieldKind} ${inner?.typeName ?? field.enum?.typeName ?? field.proto.type}`;
    if (inner === undefined || within.includes(inner)) return [line];
    return [line, ...fieldsOf(inner, `${name} / `, [...within, schema])];
  });
}

/** Returns a message in which every field has a value that differs from its default. */
function filled(schema: DescMessage, within: readonly DescMessage[]): ReflectMessage {
  const message = reflect(schema, create(schema));
  for (const field of schema.fields) {
    const inner = messageOf(field);
    if (inner !== undefined && within.includes(inner)) continue;
    const sample = (): ReflectMessage | ScalarValue => {
      if (inner !== undefined) return filled(inner, [...within, schema]);
      return field.enum === undefined ? scalarOf(field) : (field.enum.values.at(-1)?.number ?? 0);
    };
    if (field.fieldKind === "list") message.get(field).add(sample());
    else if (field.fieldKind === "map") message.get(field).set("key", sample());
    else message.set(field, sample());
  }
  return message;
}

function messageOf(field: DescField): DescMessage | undefined {
  return field.message;
}

function scalarOf({ scalar, number, name }: DescField): ScalarValue {
  switch (scalar) {
    case ScalarType.STRING:
      return `${name} ä`;
    case ScalarType.BOOL:
      return true;
    case ScalarType.BYTES:
      return new Uint8Array([number]);
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return BigInt(number);
    default:
      return number;
  }
}

if (import.meta.main) writeMissing();
