import { type DescMessage, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { type CompareOptions, createComparison, edits } from "../fuzz/index.ts";
import type { Gates } from "../src/json/gates.ts";
import { wireFromJson } from "../src/json/wire-from-json.ts";
import { JsonForm } from "../src/json-form.ts";
import { JsonReader } from "../src/read-json.ts";
import { parseStrictJson } from "../src/strict-json.ts";
import { formRules, registry } from "./library.ts";

const types = [...registry].filter((type): type is DescMessage => type.kind === "message");

/** Seconds, but on a busy machine. */
const MANY_MS = 180_000;

/** Returns the bytes of the full reader for the text; undefined where it refuses it. */
function byReader(desc: DescMessage, text: string, form?: JsonForm): Uint8Array | undefined {
  try {
    return toBinary(desc, new JsonReader(registry, form).message(desc, parseStrictJson(Buffer.from(text)), "/x"));
  } catch {
    return undefined;
  }
}

/** Returns the share of legal JSON that was read directly. Each text that was is compared. */
function compare(count: number, options: Omit<CompareOptions, "registry">): number {
  const { reading } = createComparison({ registry, ...options });
  const tally = { legal: 0, direct: 0 };
  for (let i = 0; i < count; i++) reading(types[i % types.length] as DescMessage, tally);
  return tally.direct / tally.legal;
}

describe("the wire straight from JSON", () => {
  it.each([
    ["as clients write them", { seed: 1 }, 0.3],
    ["with values that are wrong or unusual in them", { seed: 2, edit: edits.spoil }, 0.3],
    ["that may be no JSON", { seed: 4, edit: edits.garble }, 0.1],
    ["of a form, with fields in any order", { seed: 3, edit: edits.shuffled, form: new JsonForm(formRules) }, 0.2],
  ])(
    "equals the library's bytes, or is undefined, for 4,000 texts %s",
    (_, options, least) => {
      expect(compare(4_000, options)).toBeGreaterThan(least);
    },
    MANY_MS,
  );
});

const typeNamed = (name: string) => registry.getMessage(`transcoder.test.v1.${name}`) as DescMessage;

/** Reads a text both ways, and then a plain one, which the first must not disturb. */
function expectSame(desc: DescMessage, text: string): Uint8Array | undefined {
  const bytes = wireFromJson(desc, Buffer.from(text));
  const expected = byReader(desc, text);
  if (bytes !== undefined)
    expect(Buffer.from(bytes).toString("hex"), text).toBe(expected && Buffer.from(expected).toString("hex"));
  expect(wireFromJson(typeNamed("Author"), Buffer.from('{"fullName":"a"}'))).toEqual(Buffer.from([10, 1, 97]));
  return bytes;
}

describe("the edges of JSON", () => {
  it("null is a value where the library accepts it, and absent elsewhere", () => {
    for (const desc of types)
      for (const { jsonName } of desc.fields)
        for (const value of ["null", "[null]", '{"k":null}', '{"":null}', "[[]]"])
          expectSame(desc, `{"${jsonName}":${value}}`);
  });

  it.each([
    ...['"\\ud800"', '"\\ud83d\\ude01"', '"\\u0000"', '"\u0000"', '"\u001f"', '"a\nb"', '"\\x"', '"', '"\\"', "'a'"],
    ...[
      "0",
      "-0",
      "-0.0",
      "00",
      "01",
      "1.0",
      "1e3",
      "1E400",
      "1e21",
      "5e-324",
      "16777217",
      "3.4028235e38",
      "3.5e38",
      "1e-46",
    ],
    ...[
      "2147483647",
      "2147483648",
      "-2147483648",
      "-2147483649",
      "4294967295",
      "4294967296",
      "999999999999999",
      "-999999999999999",
    ],
    ...[
      "1234567890123456",
      '"9223372036854775807"',
      '"7"',
      '"-7"',
      '"07"',
      '" 7"',
      '""',
      "1.",
      ".5",
      "+1",
      "NaN",
      '"NaN"',
      "Infinity",
      '"-Infinity"',
    ],
    ...[
      "true",
      "false",
      "tru",
      "nul",
      "truex",
      "[]",
      "{}",
      "[1,2,]",
      "[,]",
      '["a"]',
      '["",""]',
      "[0,-1]",
      "[true,false]",
      '{"a":"b"}',
      '{"1":"b","0":"c"}',
      '{"a":1,"a":2}',
      '{"__proto__":"b"}',
    ],
  ])("%s is read as the library reads it, in every field", (value) => {
    for (const desc of types)
      for (const { jsonName, name } of desc.fields) {
        expectSame(desc, `{"${jsonName}":${value}}`);
        expectSame(desc, `{"${name}" : ${value} }`);
        expectSame(desc, `{"${name}":${value},"${jsonName}":${value}}`);
      }
  });

  it.each(["eda080", "c0af", "f5808080", "e282", "ff", "80"])(
    "text with the bytes %s, which are no UTF-8, is left to the library",
    (hex) => {
      for (const at of [0, 1, 2, 3, 4, 5])
        for (const quote of ['{"fullName":"', '{"']) {
          const text = Buffer.concat([
            Buffer.from(quote + "x".repeat(at)),
            Buffer.from(hex, "hex"),
            Buffer.from('xxxxx":"a"}'),
          ]);
          expect(wireFromJson(typeNamed("Author"), text)).toBeUndefined();
        }
    },
  );

  it.each([4_096, 8_192, 16_384, 65_536])("characters remain whole, and lengths correct, around %i bytes", (edge) => {
    for (const char of ["😁", "谷", "é", '\\"', "\\n"])
      for (let before = edge - 9; before <= edge + 2; before++) {
        const text = `{"fullName":"${"x".repeat(before)}${char}yy"}`;
        expect(expectSame(typeNamed("Author"), text)).toBeDefined();
      }
  });

  it.each([1, 15, 30, 31, 32, 33, 49, 50, 51, 63, 64, 65, 99, 100, 101])(
    "messages nested %i deep are read or left",
    (depth) => {
      expectSame(typeNamed("Types"), `${'{"message":'.repeat(depth)}{}${"}".repeat(depth)}`);
      expectSame(typeNamed("Book"), `{"extra":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    },
  );

  it("counts values as the reader does", () => {
    const limits = { maxDepth: 100, maxValues: 5 };
    const read = (text: string) => wireFromJson(typeNamed("Book"), Buffer.from(text), { limits });
    expect(read('{"tags":["a","b","c"]}')).toBeDefined();
    expect(read('{"tags":["a","b","c","d"]}')).toBeUndefined();
    expect(read('{"tags":["a","b"],"title":"x"}')).toBeDefined();
    expect(read('{"tags":["a","b","c"],"title":"x"}')).toBeUndefined();
  });

  it("returns undefined for fields that do not pass their gates, and for absent required fields", () => {
    const gates: Gates = ({ name }) =>
      name === "full_name" ? { value: (text: string) => text !== "bad", optional: false } : undefined;
    const read = (text: string) => wireFromJson(typeNamed("Author"), Buffer.from(text), { gates });
    expect(read('{"fullName":"good"}')).toBeDefined();
    for (const text of ['{"fullName":"bad"}', "{}", '{"fullName":null}']) expect(read(text)).toBeUndefined();
  });
});
