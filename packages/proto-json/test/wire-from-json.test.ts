import { type DescMessage, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { wireFromJson } from "../src/json/wire-from-json.ts";
import { JsonForm } from "../src/json-form.ts";
import { JsonReader } from "../src/read-json.ts";
import { parseStrictJson } from "../src/strict-json.ts";
import { formRules, registry } from "./library.ts";
import { type Random, RandomWire, randomFrom } from "./random-wire.ts";
import { garble, spoil } from "./spoil.ts";

const types = [...registry].filter((type): type is DescMessage => type.kind === "message");

/** Seconds, but on a busy machine. */
const MANY_MS = 180_000;

/** Returns what the reader of everything makes of the text; undefined where it refuses it. */
function byReader(desc: DescMessage, text: string, form?: JsonForm): Uint8Array | undefined {
  try {
    return toBinary(desc, new JsonReader(registry, form).message(desc, parseStrictJson(Buffer.from(text)), "/x"));
  } catch {
    return undefined;
  }
}

/** Returns the share of legal JSON that was read directly. Each text that was is compared. */
function compare(count: number, seed: number, edit: (text: string, random: Random) => string, form?: JsonForm): number {
  const random = randomFrom(seed);
  const wire = new RandomWire(random, 0);
  let direct = 0;
  let legal = 0;
  for (let i = 0; i < count; i++) {
    const desc = types[i % types.length] as DescMessage;
    let json: unknown;
    try {
      json = toJson(desc, fromBinary(desc, wire.message(desc, 2)), { registry, alwaysEmitImplicit: i % 2 === 0 });
    } catch {
      continue;
    }
    const text = edit(JSON.stringify(json), random);
    const bytes = wireFromJson(desc, Buffer.from(text), form && { form });
    const expected = byReader(desc, text, form);
    if (expected !== undefined) legal++;
    if (bytes === undefined) continue;
    direct++;
    if (expected === undefined || !Buffer.from(expected).equals(bytes))
      expect(Buffer.from(bytes).toString("hex"), `${desc.typeName} ${text}`).toBe(
        expected && Buffer.from(expected).toString("hex"),
      );
  }
  return direct / legal;
}

describe("the wire straight from JSON", () => {
  it(
    "is byte for byte what the library writes, for 20,000 messages as clients write them",
    () => {
      expect(compare(20_000, 1, (text) => text)).toBeGreaterThan(0.3);
    },
    MANY_MS,
  );

  it(
    "is that or nothing for 20,000 texts with anything wrong or unusual in them",
    () => {
      expect(compare(20_000, 2, spoil)).toBeGreaterThan(0.3);
    },
    MANY_MS,
  );

  it(
    "is that or nothing for 20,000 texts that may be no JSON",
    () => {
      expect(compare(20_000, 4, garble)).toBeGreaterThan(0.1);
    },
    MANY_MS,
  );

  it(
    "follows the rules of a form, and keeps the order of fields, for 10,000 messages",
    () => {
      expect(compare(10_000, 3, shuffled, new JsonForm(formRules))).toBeGreaterThan(0.2);
    },
    MANY_MS,
  );
});

/** Puts the keys of objects in another order. */
function shuffled(text: string, random: Random): string {
  const shuffle = (json: unknown): unknown => {
    if (typeof json !== "object" || json === null) return json;
    if (Array.isArray(json)) return json.map(shuffle);
    const entries = Object.entries(json).sort(() => random() - 0.5);
    return Object.fromEntries(entries.map(([key, value]) => [key, shuffle(value)]));
  };
  return JSON.stringify(shuffle(JSON.parse(text)));
}
