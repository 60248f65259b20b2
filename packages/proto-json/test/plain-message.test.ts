import { type DescMessage, fromBinary, type Message, toBinary, toJson } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { spoil } from "../fuzz/garble.ts";
import { RandomWire, randomFrom } from "../fuzz/random-wire.ts";
import { readPlainMessage } from "../src/plain-message.ts";
import { JsonReader } from "../src/read-json.ts";
import { type Json, parseStrictJson, pointerTo } from "../src/strict-json.ts";
import { registry } from "./library.ts";

const types = [...registry].filter((type): type is DescMessage => type.kind === "message");

/** Reads by the full reader, with a pointer that disables the fast path. */
function byReader(desc: DescMessage, json: Json): Message | undefined {
  try {
    return new JsonReader(registry).message(desc, json, pointerTo("", "x"));
  } catch {
    return undefined;
  }
}

it("reads the same message as the reader of everything, or none, 4,000 times", () => {
  const random = randomFrom(3);
  const wire = new RandomWire(random, 0);
  let plain = 0;
  for (let i = 0; i < 4_000; i++) {
    const desc = types[i % types.length] as DescMessage;
    let json: Json;
    try {
      json = toJson(desc, fromBinary(desc, wire.message(desc, 2)), {
        registry,
        alwaysEmitImplicit: i % 2 === 0,
      }) as Json;
    } catch {
      continue;
    }
    const spoilt = JSON.parse(spoil(JSON.stringify(json), random)) as Json;
    const read = readPlainMessage(desc, spoilt);
    if (read === undefined) continue;
    plain++;
    const expected = byReader(desc, spoilt);
    expect(expected, `${desc.typeName} ${JSON.stringify(spoilt)}`).toBeDefined();
    if (expected) expect(Buffer.from(toBinary(desc, read)).equals(toBinary(desc, expected))).toBe(true);
  }
  expect(plain).toBeGreaterThan(1_000);
}, 180_000);

it("takes no number for a message or a map, however it is written", () => {
  // A number that a double would change is an object of ours, with a text in it.
  for (const [type, text] of [
    ["transcoder.test.v1.ConverseRequest", "1.0"],
    ["transcoder.test.v1.ConverseRequest", "12345678901234567890"],
    ["transcoder.test.v1.Book", '{"labels":12345678901234567890}'],
    ["transcoder.test.v1.Book", '{"labels":1e400}'],
  ] as const) {
    const desc = registry.getMessage(type);
    if (desc === undefined) throw new Error(`There is no ${type}.`);
    expect(() => new JsonReader(registry).message(desc, parseStrictJson(Buffer.from(text))), text).toThrow();
  }
});
