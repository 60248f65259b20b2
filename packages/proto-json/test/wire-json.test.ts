import { create, createFileRegistry, type DescMessage, fromBinary, type Registry, toJson } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { RandomWire, randomFrom } from "../fuzz/random-wire.ts";
import { jsonFromWire } from "../src/wire/json-from-wire.ts";
import { registry } from "./library.ts";

const types = [...registry].filter((type): type is DescMessage => type.kind === "message");

/** Seconds, but on a busy machine. */
const MANY_MS = 180_000;

/** Returns the library's JSON of the bytes; undefined where it refuses them. */
function byLibrary(desc: DescMessage, bytes: Uint8Array, from: Registry): string | undefined {
  try {
    return JSON.stringify(toJson(desc, fromBinary(desc, bytes), { registry: from, alwaysEmitImplicit: true }));
  } catch {
    return undefined;
  }
}

/** Compares `count` messages. Returns the share of those with a JSON form that did not need the library. */
function compare(count: number, mischief: number, seed: number): number {
  const random = randomFrom(seed);
  const wire = new RandomWire(random, mischief);
  let direct = 0;
  let legal = 0;
  for (let i = 0; i < count; i++) {
    const desc = types[i % types.length] as DescMessage;
    const bytes = wire.message(desc);
    const expected = byLibrary(desc, bytes, registry);
    const json = jsonFromWire(desc, bytes);
    if (json !== undefined && json !== expected)
      expect(json, `${desc.typeName} ${Buffer.from(bytes).toString("hex")}`).toBe(expected);
    if (json !== undefined) direct++;
    if (expected !== undefined) legal++;
  }
  return direct / legal;
}

/** Returns a StringValue with this text. */
function stringValue(text: Uint8Array): Buffer {
  return Buffer.concat([new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(text).finish()]);
}

describe("JSON straight from the wire", () => {
  it(
    "equals the library's bytes, for 4,000 messages as encoders write them",
    () => {
      expect(compare(4_000, 0, 1)).toBeGreaterThan(0.7);
    },
    MANY_MS,
  );

  it(
    "is that or nothing for 4,000 messages with anything wrong or unusual in them",
    () => {
      expect(compare(4_000, 0.02, 2)).toBeGreaterThan(0.3);
    },
    MANY_MS,
  );

  it("may be that of the only field of a message, where it is there", () => {
    const desc = registry.getMessage("google.protobuf.FileDescriptorSet") as DescMessage;
    const [file] = desc.fields;
    expect(jsonFromWire(desc, Buffer.from([10, 3, 10, 1, 97]), file)).toMatch(/^\[\{"name":"a",.*\}\]$/);
    expect(jsonFromWire(desc, Buffer.from([]), file)).toBe("[]");
    const wrapper = registry.getMessage("google.protobuf.StringValue") as DescMessage;
    expect(jsonFromWire(wrapper, Buffer.from([10, 1, 97]))).toBe('"a"');
    expect(jsonFromWire(wrapper, Buffer.from([10, 1, 97]), wrapper.fields[0])).toBeUndefined();
    const many = registry.getMessage("google.rpc.Status") as DescMessage;
    expect(jsonFromWire(many, Buffer.from([8, 1]), many.fields[0])).toBeUndefined();
  });

  it("leaves names of fields that are not ASCII to the library", () => {
    const field = { name: "size", jsonName: "größe", number: 1, type: Type.STRING, label: Label.OPTIONAL };
    const file = { name: "a.proto", syntax: "proto3", messageType: [{ name: "Thing", field: [field] }] };
    const desc = createFileRegistry(create(FileDescriptorProtoSchema, file), () => undefined).getMessage("Thing");
    if (desc === undefined) throw new Error("There is no Thing.");
    for (const only of [undefined, desc.fields[0]]) {
      expect(
        jsonFromWire(desc, Buffer.from([10, 1, 97]), only) ?? byLibrary(desc, Buffer.from([10, 1, 97]), registry),
      ).toBe('{"größe":"a"}');
    }
  });

  it("leaves messages that nest deeper than most to the library, and those after them are none the worse", () => {
    const desc = registry.getMessage("transcoder.test.v1.Types") as DescMessage;
    let bytes: Buffer = Buffer.from([8, 7]);
    for (let depth = 0; depth < 80; depth++) {
      const size = bytes.length;
      const length = size < 128 ? [size] : [(size & 127) | 128, size >> 7];
      bytes = Buffer.concat([Buffer.from([13 * 8 + 2, ...length]), bytes]);
    }
    expect(jsonFromWire(desc, bytes)).toBeUndefined();
    expect(jsonFromWire(desc, Buffer.from([8, 7]))).toContain('{"int32":7,');
  });

  it.each([4_096, 8_192, 65_536])("keeps characters whole around %i bytes", (edge) => {
    const desc = registry.getMessage("google.protobuf.StringValue") as DescMessage;
    for (const char of ["😁", "谷", "é", '"', "\n"]) {
      for (let before = edge - 8; before <= edge + 2; before++) {
        const bytes = stringValue(Buffer.from(`${"x".repeat(before)}${char}yy`));
        expect(jsonFromWire(desc, bytes)).toBe(byLibrary(desc, bytes, registry));
      }
    }
  });

  it.each(["eda080", "c0af", "f5808080", "f4908080", "e282", "80", "c3"])(
    "leaves text with the bytes %s, which are no UTF-8, to the library, at each place of a word",
    (hex) => {
      const desc = registry.getMessage("google.protobuf.StringValue") as DescMessage;
      for (let before = 0; before < 9; before++)
        for (const after of ["", "x", "yyyyy"]) {
          const text = Buffer.concat([Buffer.from("x".repeat(before)), Buffer.from(hex, "hex"), Buffer.from(after)]);
          expect(jsonFromWire(desc, stringValue(text))).toBeUndefined();
        }
    },
  );

  it("is not fooled by bytes of the message before it where a message is cut off", () => {
    const desc = registry.getMessage("transcoder.test.v1.Types") as DescMessage;
    expect(jsonFromWire(desc, Buffer.from([8, 0x80 | 7, 0x80 | 1, 1]))).toBeDefined();
    for (const cut of [[8], [8, 0x87], [8, 0x87, 0x81], [18, 1], [0], [8, 7, 0]])
      expect(jsonFromWire(desc, Buffer.from(cut))).toBeUndefined();
  });

  it("grows with its output", () => {
    const desc = registry.getMessage("transcoder.test.v1.Book") as DescMessage;
    const field = desc.fields.find(({ fieldKind, scalar }) => fieldKind === "scalar" && scalar === 9);
    const text = '"ä\n'.repeat(700_000);
    const size = Buffer.byteLength(text);
    const length = [(size & 127) | 128, ((size >> 7) & 127) | 128, ((size >> 14) & 127) | 128, size >> 21];
    const bytes = Buffer.concat([Buffer.from([(field?.number ?? 0) * 8 + 2, ...length]), Buffer.from(text)]);
    expect(JSON.parse(jsonFromWire(desc, bytes) ?? "{}")[field?.jsonName ?? ""]).toBe(text);
  });
});
