import { create, type JsonValue, type Message, toBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { JsonError } from "../src/json-error.ts";
import { JsonReader } from "../src/read-json.ts";
import { parseStrictJson } from "../src/strict-json.ts";
import { registry } from "./library.ts";

const reader = new JsonReader(registry);

function descOf(name: string) {
  const desc = registry.getMessage(`transcoder.test.v1.${name}`);
  if (desc === undefined) throw new Error(`no message ${name}`);
  return desc;
}

/** Reads JSON text, sends it over the wire format and writes it again. */
function roundTrip(text: string, name = "Types"): JsonValue {
  const desc = descOf(name);
  const message: Message = reader.message(desc, parseStrictJson(Buffer.from(text)));
  toBinary(desc, message);
  return toJson(desc, message, { registry });
}

const same = Symbol("the same");
const type = "type.googleapis.com/transcoder.test.v1.Types";
const google = "type.googleapis.com/google.protobuf";

/** The JSON that protobuf's conformance suite accepts, by its groups: input, and output where it differs. */
const accepted: Record<string, [text: string, json: unknown][]> = {
  integers: [
    ['{"int32":2147483647}', same],
    ['{"int32":-2147483648}', same],
    ['{"uint32":4294967295}', same],
    ['{"int64":"9223372036854775807"}', same],
    ['{"int64":"-9223372036854775808"}', same],
    ['{"uint64":"18446744073709551615"}', same],
    ['{"int64":9223372036854774784}', { int64: "9223372036854774784" }],
    ['{"int64":-9223372036854775808}', { int64: "-9223372036854775808" }],
    ['{"uint64":18446744073709549568}', { uint64: "18446744073709549568" }],
    ['{"int32":"2147483647"}', { int32: 2147483647 }],
    ['{"int32":"2\\u003147483647"}', { int32: 2147483647 }],
    ['{"optionalInt32":"0"}', { optionalInt32: 0 }],
    ['{"int32":"1e5"}', { int32: 100000 }],
    ['{"int32":100000.000}', { int32: 100000 }],
    ['{"int32":1e5}', { int32: 100000 }],
    ['{"int32":2.147483647e9}', { int32: 2147483647 }],
    ['{"int32":-2.147483648e9}', { int32: -2147483648 }],
    ['{"uint32":4.294967295e9}', { uint32: 4294967295 }],
    ['{"int64":"1e3"}', { int64: "1000" }],
    ['{"int64":1.0e+3}', { int64: "1000" }],
    ['{"int64":"10e-1"}', { int64: "1" }],
    ['{"int64":1000e-3}', { int64: "1" }],
  ],
  floats: [
    ['{"float":1.175494e-38}', { float: 1.175494e-38 }],
    ['{"float":"1.5"}', { float: 1.5 }],
    ['{"float":"NaN"}', same],
    ['{"float":"Infinity"}', same],
    ['{"double":"-Infinity"}', same],
    ['{"double":1.79769e+308}', { double: 1.79769e308 }],
    ['{"double":2.22507e-308}', { double: 2.22507e-308 }],
    ['{"double":"1e3"}', { double: 1000 }],
    ['{"double":-0.0}', { double: -0 }],
  ],
  "strings and bytes": [
    ['{"string":"谷歌"}', same],
    ['{"string":"\\"\\\\\\/\\b\\f\\n\\r\\t"}', { string: '"\\/\b\f\n\r\t' }],
    ['{"string":"\\uD83D\\uDE01"}', { string: "😁" }],
    ['{"string":"Hello\\u0000world!"}', { string: "Hello\0world!" }],
    ['{"bytes":"AQI="}', same],
    ['{"bytes":"AQI"}', { bytes: "AQI=" }],
    ['{"bytes":"-_8"}', { bytes: "+/8=" }],
    ['{"bytes":"-_"}', { bytes: "+w==" }],
  ],
  "field names": [
    ['{"fieldName1":1}', same],
    ['{"field_name_1":1}', { fieldName1: 1 }],
    ['{"fieldN\\u0061me1":1}', { fieldName1: 1 }],
    ['{"LeadingDouble":1}', same],
    ['{"_leading__double_":1}', { LeadingDouble: 1 }],
    ['{"UPPERCase":1}', same],
    ['{"exchanged":1,"swapped":2}', same],
    ['{ "int32" : 1 , "string" : "" }', { int32: 1 }],
  ],
  enums: [
    ['{"colour":"COLOUR_RED"}', same],
    ['{"colour":"COLOUR_ROT"}', { colour: "COLOUR_RED" }],
    ['{"colour":1}', { colour: "COLOUR_RED" }],
    ['{"colour":123}', same],
    ['{"colour":-1}', same],
    ['{"colours":["COLOUR_RED",7]}', same],
  ],
  null: [
    [
      '{"int32":null,"int64":null,"double":null,"bool":null,"string":null,"bytes":null,"colour":null,"child":null,' +
        '"int32s":null,"children":null,"byInt":null,"byString":null,"wrappedInt32":null,"timestamp":null,"any":null}',
      {},
    ],
    ['{"value":null}', same],
    ['{"values":[null,1]}', same],
    ['{"list":[null]}', same],
    ['{"struct":{"a":null}}', same],
    ['{"nullValue":null}', {}],
  ],
  oneofs: [
    ['{"oneNumber":null,"oneText":"x"}', { oneText: "x" }],
    ['{"oneText":"x","oneNumber":null}', { oneText: "x" }],
    ['{"oneNumber":0}', same],
    ['{"oneText":""}', same],
    ['{"oneChild":{}}', same],
    ['{"oneNull":null}', same],
    ['{"oneNull":"NULL_VALUE"}', { oneNull: null }],
    ['{"oneValue":null}', same],
  ],
  maps: [
    ['{"byInt":{"-5":1}}', same],
    ['{"byBool":{"true":"a","false":"b"}}', same],
    ['{"byString":{"":{}}}', same],
    ['{"coloursByString":{"a":9}}', same],
  ],
  durations: [
    ['{"duration":"-315576000000.999999999s"}', same],
    ['{"duration":"315576000000.999999999s"}', same],
    ['{"duration":"-0.5s"}', { duration: "-0.500s" }],
    ['{"duration":"-5s"}', same],
    ['{"duration":"1.000000000s"}', { duration: "1s" }],
    ['{"duration":"1.010000000s"}', { duration: "1.010s" }],
    ['{"duration":"1.000010s"}', same],
    ['{"duration":"1.00000001s"}', { duration: "1.000000010s" }],
  ],
  timestamps: [
    ['{"timestamp":"0001-01-01T00:00:00Z"}', same],
    ['{"timestamp":"9999-12-31T23:59:59.999999999Z"}', same],
    ['{"timestamp":"1969-12-31T23:59:59.999999999Z"}', same],
    ['{"timestamp":"1970-01-01T08:00:01+08:00"}', { timestamp: "1970-01-01T00:00:01Z" }],
    ['{"timestamp":"1969-12-31T16:00:00-08:00"}', { timestamp: "1970-01-01T00:00:00Z" }],
    ['{"timestamp":"1970-01-01T00:00:00.010000000Z"}', { timestamp: "1970-01-01T00:00:00.010Z" }],
    ['{"timestamp":"1970-01-01T00:00:00.00001Z"}', { timestamp: "1970-01-01T00:00:00.000010Z" }],
    ['{"timestamp":"2024-02-29T00:00:00Z"}', same],
  ],
  "field masks": [
    ['{"mask":"foo,barBaz"}', same],
    ['{"mask":"a.bC,d"}', same],
    ['{"mask":""}', same],
  ],
  wrappers: [
    ['{"wrappedInt32":0}', same],
    ['{"wrappedInt32":"1"}', { wrappedInt32: 1 }],
    ['{"wrappedUint64":18446744073709551615}', { wrappedUint64: "18446744073709551615" }],
    ['{"wrappedBool":false}', same],
    ['{"wrappedString":""}', same],
    ['{"wrappedBytes":"-_8"}', { wrappedBytes: "+/8=" }],
    ['{"wrappedDouble":"NaN"}', same],
  ],
  "structs and values": [
    ['{"struct":{"a":1,"b":[true,"x",{"c":null}]}}', same],
    ['{"value":1.5}', same],
    ['{"value":[[["x"]]]}', same],
    ['{"value":{"value":1}}', same],
    ['{"empty":{}}', same],
    [`{"value":${"[".repeat(25)}1${"]".repeat(25)}}`, same],
  ],
  Any: [
    [`{"any":{"@type":"${type}","int32":12345}}`, same],
    [`{"any":{"int32":12345,"@type":"${type}"}}`, same],
    [`{"any":{"@type":"${google}.Any","value":{"@type":"${type}","int32":1}}}`, same],
    [`{"any":{"@type":"${google}.Int32Value","value":12345}}`, same],
    [`{"any":{"@type":"${google}.Duration","value":"1.500s"}}`, same],
    [`{"any":{"@type":"${google}.Timestamp","value":"1970-01-01T00:00:00Z"}}`, same],
    [`{"any":{"@type":"${google}.FieldMask","value":"foo,barBaz"}}`, same],
    [`{"any":{"@type":"${google}.Struct","value":{"foo":1}}}`, same],
    [`{"any":{"@type":"${google}.Value","value":{"foo":1}}}`, same],
    [`{"any":{"@type":"${google}.Value","value":null}}`, same],
    [`{"any":{"@type":"${google}.Empty"}}`, same],
    ['{"any":{}}', same],
  ],
};

/** The JSON that it refuses, and the optional cases that the strict reader refuses. */
const refused: Record<string, [text: string, pointer: string][]> = {
  integers: [
    ...[
      "2147483648",
      "-2147483649",
      "0.5",
      "true",
      '""',
      '"abc"',
      '"12abc"',
      '"12 34"',
      '"12,34"',
      '"١٢٣"',
      '" 1"',
    ].map((value): [string, string] => [`{"int32":${value}}`, "/int32"]),
    ...['"0x10"', '"+1"', '"1."', '".5"', '"NaN"', '"1e400"', "1e400", "[1]", "{}", '"01"'].map(
      (value): [string, string] => [`{"int32":${value}}`, "/int32"],
    ),
    ...['"9223372036854775808"', '"-9223372036854775809"', '"0.5"', '""', "9223372036854775808", '"１２３"'].map(
      (value): [string, string] => [`{"int64":${value}}`, "/int64"],
    ),
    ...['"18446744073709551616"', "-1", '"-1"', '"1e536870000"', "1e20", "true"].map((value): [string, string] => [
      `{"uint64":${value}}`,
      "/uint64",
    ]),
    ['{"uint32":4294967296}', "/uint32"],
    ['{"uint32":-1}', "/uint32"],
  ],
  floats: [
    ...["3.502823e+38", "-3.502823e+38", '""', '"12abc"', '"12 34"', '"12,34"', "true", '"inf"', '"nan"', '"+1"'].map(
      (value): [string, string] => [`{"float":${value}}`, "/float"],
    ),
    ['{"double":1.89769e308}', "/double"],
    ['{"double":"1.89769e308"}', "/double"],
    ['{"double":-1e999}', "/double"],
  ],
  "strings and bytes": [
    ['{"string":12345}', "/string"],
    ['{"string":"\\uDC00"}', "/string"],
    ['{"string":"\\uDE01\\uD83D"}', "/string"],
    ['{"string":"\\U8C37"}', "/string"],
    ['{"string":"\\u8C3"}', "/string"],
    ['{"bytes":"*"}', "/bytes"],
    ['{"bytes":"A"}', "/bytes"],
    ['{"bytes":1}', "/bytes"],
  ],
  booleans: [
    ['{"bool":"true"}', "/bool"],
    ['{"bool":1}', "/bool"],
    ['{"bool":True}', "/bool"],
  ],
  "field names": [
    ['{"child":{"int32":1},"child":{}}', "/child"],
    ['{"field_name_1":1,"fieldName1":1}', "/fieldName1"],
    ['{"fieldname1":1}', "/fieldname1"],
    ['{"FieldName1":1}', "/FieldName1"],
    ['{"unknown":null}', "/unknown"],
  ],
  enums: [
    ['{"colour":"UNKNOWN"}', "/colour"],
    ['{"colour":"colour_red"}', "/colour"],
    ['{"colours":["UNKNOWN"]}', "/colours/0"],
    ['{"coloursByString":{"k":"UNKNOWN"}}', "/coloursByString/k"],
    ['{"colour":["COLOUR_RED"]}', "/colour"],
    ['{"colour":true}', "/colour"],
    ['{"colour":1.5}', "/colour"],
    ['{"colour":2147483648}', "/colour"],
    ['{"colour":"1"}', "/colour"],
  ],
  null: [
    ['{"int32s":[1,null]}', "/int32s/1"],
    ['{"children":[null]}', "/children/0"],
    ['{"byInt":{"0":null}}', "/byInt/0"],
    ['{"byInt":{null:1}}', "/byInt"],
  ],
  oneofs: [
    ['{"oneNumber":1,"oneText":"x"}', "/oneText"],
    ['{"oneText":"x","oneNumber":1}', "/oneNumber"],
    ['{"oneNull":null,"oneText":"x"}', "/oneText"],
    ['{"oneValue":null,"oneText":"x"}', "/oneText"],
  ],
  maps: [
    ['{"byInt":{"x":1}}', "/byInt/x"],
    ['{"byInt":{"2147483648":1}}', "/byInt/2147483648"],
    ['{"byBool":{"1":""}}', "/byBool/1"],
    ['{"byInt":[]}', "/byInt"],
    ['{"byInt":{"1":1,"1":2}}', "/byInt/1"],
  ],
  durations: [
    '"1"',
    '"1.s"',
    '"315576000001s"',
    '"-315576000001s"',
    "1",
    '"s"',
    '"1S"',
    '"0.0000000001s"',
    '"1e3s"',
    '".5s"',
  ].map((value): [string, string] => [`{"duration":${value}}`, "/duration"]),
  timestamps: [
    ...["0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00", "0001-01-01 00:00:00Z"],
    ...["0001-01-01T00:00:00z", "0001-01-01t00:00:00Z", "1970-01-01T08:00:01+0800", "2023-02-29T00:00:00Z"],
    ...[
      "2023-13-01T00:00:00Z",
      "2023-01-01T24:00:00Z",
      "2023-01-01T00:60:00Z",
      "2023-01-01T00:00:00.Z",
      "2023-1-1T00:00:00Z",
    ],
    ...["2023-01-01T00:00:00.0000000001Z", "2023-04-31T00:00:00Z", "2023-01-01T00:00:60Z", "2023-01-01T00:00:00+24:00"],
    ...["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"],
  ].map((value): [string, string] => [`{"timestamp":"${value}"}`, "/timestamp"]),
  "field masks": [
    ['{"mask":"foo,bar_bar"}', "/mask"],
    ['{"mask":["foo"]}', "/mask"],
  ],
  wrappers: [
    ['{"wrappedInt32":{"value":1}}', "/wrappedInt32"],
    ['{"wrappedInt32":2147483648}', "/wrappedInt32"],
    ['{"wrappedInt32":"0x1"}', "/wrappedInt32"],
    ['{"wrappedInt32":""}', "/wrappedInt32"],
    ['{"wrappedUint64":-1}', "/wrappedUint64"],
    ['{"wrappedBool":"true"}', "/wrappedBool"],
  ],
  "structs and values": [
    ['{"struct":[]}', "/struct"],
    ['{"list":{}}', "/list"],
    ['{"value":1e400}', "/value"],
    [`{"value":${"[".repeat(200)}1${"]".repeat(200)}}`, `/value${"/0".repeat(99)}`],
    ['{"empty":{"a":1}}', "/empty/a"],
  ],
  Any: [
    ['{"any":{"@type":"","value":""}}', "/any/@type"],
    ['{"any":{"@type":"not_a_url","value":""}}', "/any/@type"],
    ['{"any":{"@type":"type.googleapis.com/no.Such"}}', "/any/@type"],
    ['{"any":{"value":1}}', "/any/@type"],
    [`{"any":{"@type":"${type}","nope":1}}`, "/any/nope"],
    [`{"any":{"@type":"${type}","oneNumber":1,"oneText":""}}`, "/any/oneText"],
    [`{"any":{"@type":"${google}.Int32Value","value":1,"x":1}}`, "/any/x"],
    [`{"any":{"@type":"${google}.Int32Value"}}`, "/any"],
    [`{"any":{"@type":"${google}.Empty","value":{}}}`, "/any/value"],
  ],
};

describe("ProtoJSON agrees with the conformance suite", () => {
  for (const [group, cases] of Object.entries(accepted)) {
    it.each(cases)(`about ${group}: %s is accepted`, (text, json) => {
      expect(roundTrip(text)).toEqual(json === same ? JSON.parse(text) : json);
    });
  }

  for (const [group, cases] of Object.entries(refused)) {
    it.each(cases)(`about ${group}: %s is refused`, (text, pointer) => {
      let thrown: unknown;
      try {
        roundTrip(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(JsonError);
      expect(thrown).toMatchObject({ pointer });
    });
  }

  it.each<[string, object]>([
    ["a timestamp before the year 1", { timestamp: { seconds: -62135596801n } }],
    ["a timestamp after the year 9999", { timestamp: { seconds: 253402300800n } }],
    ["a timestamp with negative nanoseconds", { timestamp: { seconds: 5000n, nanos: -1 } }],
    ["a duration that is too long", { duration: { seconds: 315576000001n } }],
    ["a duration with two signs", { duration: { seconds: 1n, nanos: -1 } }],
    ["a mask that does not round-trip", { mask: { paths: ["fooBar"] } }],
    ["a value that is no number", { value: { kind: { case: "numberValue", value: Number.NaN } } }],
  ])("by not writing %s", (_, init) => {
    const desc = descOf("Types");
    expect(() => toJson(desc, create(desc, init as never), { registry })).toThrow(/./);
  });
});

describe("proto2", () => {
  const legacy = (text: string) => roundTrip(text, "Legacy");
  const weight = "[transcoder.test.v1.weight]";

  it("has extensions, named in brackets", () => {
    const json = { name: "n", [weight]: "9007199254740993", "[transcoder.test.v1.labels]": ["a"] };
    expect(legacy(JSON.stringify(json))).toEqual(json);
    expect(legacy(`{"name":"n","${weight}":9007199254740993}`)).toEqual({ name: "n", [weight]: "9007199254740993" });
    expect(legacy(`{"name":"n","${weight}":null}`)).toEqual({ name: "n" });
  });

  it.each([
    ['{"name":"n","[no.such]":1}'],
    [`{"name":"n","${weight}":"x"}`],
    [`{"name":"n","weight":1}`],
    ['{"name":"n","closed":7}'],
    ['{"name":"n","closed":"CLOSED_TWO"}'],
  ])("refuses %s", (text) => {
    expect(() => legacy(text)).toThrow(/./);
  });

  it("has closed enums and groups", () => {
    expect(legacy('{"name":"n","closed":1,"part":{"size":1}}')).toEqual({
      name: "n",
      closed: "CLOSED_ONE",
      part: { size: 1 },
    });
  });

  it("keeps fields that are set to their default", () => {
    expect(legacy('{"name":"","closed":0}')).toEqual({ name: "", closed: "CLOSED_ZERO" });
  });
});
