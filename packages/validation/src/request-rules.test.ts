import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import { isKontorError } from "@kontor/errors";
import { wireFromJson } from "@kontor/proto-json";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { thingService, validatorOf } from "../test/contract.ts";
import { gatesOf } from "./gates.ts";
import { createRequestRules, RuleError } from "./index.ts";

/** A field with its rule, values that satisfy it, values that violate it, and the violation. */
type Row = readonly [declaration: string, good: readonly JsonValue[], bad: readonly JsonValue[], violation: string];

const rows: readonly Row[] = [
  ["string f = 1 [(buf.validate.field).string.min_len = 1]", ["a"], ["", null], "REQUIRED {}"],
  ["string f = 1 [(buf.validate.field).string.min_len = 2]", ["aa", "😀😀"], ["", "😀"], 'TOO_SHORT {"min":2}'],
  ["string f = 1 [(buf.validate.field).string.max_len = 2]", ["", "😀😀"], ["aaa", "😀😀😀"], 'TOO_LONG {"max":2}'],
  [
    "string f = 1 [(buf.validate.field).string = {min_len: 1, max_len: 2}]",
    ["a"],
    ["", "aaa"],
    'WRONG_LENGTH {"min":1,"max":2}',
  ],
  ["string f = 1 [(buf.validate.field).string.len = 2]", ["aa"], ["a"], 'WRONG_LENGTH {"min":2,"max":2}'],
  ["string f = 1 [(buf.validate.field).string.max_bytes = 4]", ["😀"], ["😀a"], 'TOO_MANY_BYTES {"max":4}'],
  ["bytes f = 1 [(buf.validate.field).bytes.max_len = 2]", ["YQ=="], ["YWFh"], 'TOO_MANY_BYTES {"max":2}'],
  [
    'string f = 1 [(buf.validate.field).string.pattern = "^[A-Za-z0-9\\\\-_]{1,3}$"]',
    ["a-_"],
    ["", "aaaa", "ä", "a\n"],
    'WRONG_CHARACTERS {"min":1,"max":3,"allowed":"A-Z a-z 0-9 - _"}',
  ],
  [
    'string f = 1 [(buf.validate.field).string.pattern = "^(?:[!-~]{1,3})?$"]',
    ["", "!~x"],
    ["aaaa", "a a"],
    'WRONG_CHARACTERS {"min":1,"max":3,"allowed":"! to ~"}',
  ],
  [
    'string f = 1 [(buf.validate.field).string = {pattern: "^(?i)k-[[:alnum:]]+\\\\z", example: "K-1"}]',
    ["k-7"],
    ["7", "K-\n"],
    'WRONG_FORMAT {"example":"K-1"}',
  ],
  ['string f = 1 [(buf.validate.field).string.pattern = "^a+$"]', ["aa"], ["b"], 'WRONG_PATTERN {"pattern":"^a+$"}'],
  ['string f = 1 [(buf.validate.field).string = {in: ["a", "b"]}]', ["a"], ["", "c"], 'NOT_IN {"values":["a","b"]}'],
  ['string f = 1 [(buf.validate.field).string = {not_in: ["a"]}]', ["b"], ["a"], 'EXCLUDED {"values":["a"]}'],
  ['string f = 1 [(buf.validate.field).string.const = "a"]', ["a"], ["b"], 'MISMATCH {"expected":"a"}'],
  ["string f = 1 [(buf.validate.field).string.email = true]", ["a@b.example"], ["a", ""], "NOT_AN_EMAIL {}"],
  [
    "string f = 1 [(buf.validate.field).string.hostname = true]",
    ["a.example"],
    ["a b", ""],
    'WRONG_TYPE {"expected":"hostname"}',
  ],
  [
    "string f = 1 [(buf.validate.field).string.uuid = true]",
    ["123e4567-e89b-12d3-a456-426614174000"],
    ["1", ""],
    'WRONG_TYPE {"expected":"UUID"}',
  ],
  ["int32 f = 1 [(buf.validate.field).int32 = {gte: 1, lte: 9}]", [1, 9], [0, 10], 'OUT_OF_RANGE {"min":1,"max":9}'],
  ["int32 f = 1 [(buf.validate.field).int32 = {gt: 0, lt: 10}]", [1, 9], [0, 10], 'OUT_OF_RANGE {"min":1,"max":9}'],
  ["int64 f = 1 [(buf.validate.field).int64.gte = 0]", ["0", "9223372036854775807"], ["-1"], 'TOO_SMALL {"min":0}'],
  ["uint32 f = 1 [(buf.validate.field).uint32.lte = 5]", [5], [6], 'TOO_LARGE {"max":5}'],
  [
    "int64 f = 1 [(buf.validate.field).int64 = {gte: 1, lte: 9223372036854775807}]",
    ["1"],
    ["0"],
    'OUT_OF_RANGE {"min":1,"max":"9223372036854775807"}',
  ],
  ["int32 f = 1 [(buf.validate.field).int32 = {not_in: [0]}]", [-1], [0], "ZERO {}"],
  [
    "double f = 1 [(buf.validate.field).double = {gte: 0.5, lte: 1}]",
    [0.5],
    [0, "NaN"],
    'OUT_OF_RANGE {"min":0.5,"max":1}',
  ],
  ["double f = 1 [(buf.validate.field).double.gt = 0]", [0.1], [0], "DOUBLE_GT {}"],
  ["bool f = 1 [(buf.validate.field).bool.const = true]", [true], [false], 'MISMATCH {"expected":true}'],
  [
    "Size f = 1 [(buf.validate.field).enum.defined_only = true]",
    ["SIZE_UNSPECIFIED", 1],
    [7],
    'NOT_IN {"values":["SIZE_SMALL","SIZE_LARGE"]}',
  ],
  ["Size f = 1 [(buf.validate.field).enum = {in: [2]}]", [2], [1], 'NOT_IN {"values":["SIZE_LARGE"]}'],
  ["Named f = 1 [(buf.validate.field).required = true]", [{}], [null], "REQUIRED {}"],
  [
    "repeated string f = 1 [(buf.validate.field).repeated = {min_items: 1, max_items: 2}]",
    [["a"]],
    [[], ["a", "b", "c"]],
    'WRONG_COUNT {"min":1,"max":2}',
  ],
  ["repeated string f = 1 [(buf.validate.field).repeated.max_items = 1]", [[]], [["a", "b"]], 'TOO_MANY {"max":1}'],
  ["repeated string f = 1 [(buf.validate.field).repeated.min_items = 1]", [["a"]], [[]], "REQUIRED {}"],
  ["repeated string f = 1 [(buf.validate.field).repeated.unique = true]", [["a", "b"]], [["a", "a"]], "DUPLICATE {}"],
  [
    "map<string, string> f = 1 [(buf.validate.field).map.max_pairs = 1]",
    [{ a: "" }],
    [{ a: "", b: "" }],
    'TOO_MANY {"max":1}',
  ],
  ["google.protobuf.Int32Value f = 1 [(buf.validate.field).int32.gte = 1]", [1], [0], 'TOO_SMALL {"min":1}'],
  [
    "string f = 1 [(kontor.rules.v1.field).text = {min_length: 1, max_length: 3}]",
    ["abc", " äöü ", "😀😀😀"],
    ["", " ", "abcd"],
    'WRONG_LENGTH {"min":1,"max":3}',
  ],
  ["string f = 1 [(kontor.rules.v1.field).text = {max_length: 3}]", [""], ["abcd"], 'TOO_LONG {"max":3}'],
  ["string f = 1 [(kontor.rules.v1.field).text = {}]", ["a"], ["a\nb", "a\u0000"], "LINE_BREAKS {}"],
  ["string f = 1 [(kontor.rules.v1.field).text = {lines: true}]", ["a\nb\tc"], ["a\u0007b"], "CONTROL_CHARACTERS {}"],
  ["string f = 1 [(kontor.rules.v1.field).text = {}]", ["a"], ["a\u202eb"], "DIRECTION_CHARACTERS {}"],
  ["string f = 1 [(kontor.rules.v1.field).text = {}]", ["a"], ["\u200b"], "NOTHING_VISIBLE {}"],
  [
    "string f = 1 [(kontor.rules.v1.field).no_card_number = true]",
    ["1234"],
    ["my 4242 4242 4242 4242"],
    "CARD_NUMBER {}",
  ],
  [
    "string f = 1 [(kontor.rules.v1.field).format = FORMAT_COUNTRY]",
    ["DE", "GB"],
    ["", "UK", "de"],
    "NOT_A_COUNTRY {}",
  ],
  ["string f = 1 [(kontor.rules.v1.field).format = FORMAT_CURRENCY]", ["EUR"], ["", "eur", "XXY"], "NOT_A_CURRENCY {}"],
  [
    "string f = 1 [(kontor.rules.v1.field).format = FORMAT_MAIL_ADDRESS]",
    [" ada@bücher.example "],
    ["", "ada", "a\u200bda@b.example"],
    "NOT_AN_EMAIL {}",
  ],
  ["string f = 1 [(kontor.rules.v1.field).format = FORMAT_LANGUAGE]", ["de-AT"], ["", "de_AT"], "NOT_A_LANGUAGE {}"],
  ["string f = 1 [(kontor.rules.v1.field).format = FORMAT_IDEMPOTENCY_KEY]", ["k 1"], ["", " k"], "WRONG_KEY {}"],
  [
    "string f = 1 [(kontor.rules.v1.field).format = FORMAT_WEB_ADDRESS]",
    ["https://a.example"],
    ["", "ftp://a.example"],
    "NOT_A_URL {}",
  ],
  [
    "string f = 1 [(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE, (kontor.rules.v1.field) = {text: {}, format: FORMAT_LANGUAGE}]",
    ["", " ", " de-AT "],
    ["de_AT"],
    "NOT_A_LANGUAGE {}",
  ],
  [
    "kontor.money.v1.Money f = 1 [(kontor.rules.v1.field).amount = {min: 1, max: 9}]",
    [{ currency: "EUR", minor: "1" }, null],
    [{ currency: "EUR" }, { currency: "EUR", minor: "10" }],
    'OUT_OF_RANGE {"min":1,"max":9}',
  ],
  [
    "kontor.money.v1.Money f = 1 [(kontor.rules.v1.field).amount = {min: 0}]",
    [{ currency: "EUR" }],
    [{ currency: "EUR", minor: "-1" }],
    'TOO_SMALL {"min":0}',
  ],
  [
    "kontor.money.v1.Money f = 1 [(kontor.rules.v1.field).amount = {}]",
    [{ currency: "EUR", minor: "-1" }],
    [{ currency: "eur" }],
    "NOT_A_CURRENCY {}",
  ],
  [
    'string f = 1 [(buf.validate.field).cel = {id: "thing.odd", message: "must be odd", expression: "this.size() % 2 == 1"}]',
    ["a"],
    ["aa"],
    "THING_ODD {}",
  ],
  [
    'string f = 1 [(buf.validate.field).cel = {id: "not_found_here.ZERO", expression: "this == \'\'"}]',
    [""],
    ["a"],
    "NOT_FOUND_HERE_ZERO {}",
  ],
  [
    'string f = 1 [(buf.validate.field).cel = {id: "duplicate", expression: "this == \'\'"}]',
    [""],
    ["a"],
    "DUPLICATE {}",
  ],
  ['string f = 1 [(buf.validate.field).cel_expression = "this.size() % 2 == 1"]', ["a"], ["aa"], "RULE {}"],
];

describe("a rule of a field", () => {
  const types = rows.map(([declaration], index) => `message Row${index} { ${declaration}; }`);
  let validate: (json: JsonValue) => string[];
  let input: DescMessage | undefined;
  let told = 0;
  afterAll(() => expect(told).toBeGreaterThan(30));

  beforeAll(async () => {
    const service = await thingService(`
      enum Size { SIZE_UNSPECIFIED = 0; SIZE_SMALL = 1; SIZE_LARGE = 2; }
      message Named { string name = 1; }
      ${types.join("\n")}
      message Request { ${rows.map((_, index) => `Row${index} row${index} = ${index + 1};`).join("\n")} }`);
    validate = validatorOf(service);
    input = service.methods[0]?.input;
  });

  it.each(rows.map((row, index) => [...row, index] as const))(
    "has a gate that accepts no invalid value: %s",
    (...row) => {
      const [, good, bad, , index] = row;
      const type = input?.fields[index]?.message;
      const gates = type && gatesOf(type);
      if (type === undefined || gates === undefined) return;
      const passes = (f: JsonValue) => wireFromJson(type, Buffer.from(JSON.stringify({ f })), { gates }) !== undefined;
      for (const f of bad) expect(passes(f), JSON.stringify(f)).toBe(false);
      if (good.some(passes)) told += 1;
    },
  );

  it.each(rows.map((row, index) => [...row, index] as const))("%s", (rule, good, bad, violation, index) => {
    for (const f of good) expect(validate({ [`row${index}`]: { f } }), JSON.stringify(f)).toEqual([]);
    for (const f of bad)
      expect(validate({ [`row${index}`]: { f } }), JSON.stringify(f)).toEqual([
        `row${index}.f${/^Money|money.v1/.test(rule) ? (violation.startsWith("NOT_A") ? ".currency" : ".minor") : ""} ${violation}`,
      ]);
  });
});

describe("a request", () => {
  const nested = `
    message Item {
      string sku = 1 [(buf.validate.field).string.min_len = 1];
      int32 quantity = 2 [(buf.validate.field).int32.gte = 1];
      optional string note = 3 [(buf.validate.field).string.min_len = 2];
    }
    message Request {
      string user_id = 1 [(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE, (buf.validate.field).string.min_len = 3];
      repeated Item order_items = 2 [
        (buf.validate.field).repeated = {max_items: 100},
        (kontor.rules.v1.field).unique_by = "sku"
      ];
      map<string, string> option_values = 3 [(buf.validate.field).map.values.string.min_len = 1];
      repeated string tags = 4 [(kontor.rules.v1.field).text = {min_length: 1}];
      oneof way { option (buf.validate.oneof).required = true; string by_land = 5; string by_sea = 6; }
      string currency = 7 [(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE, (kontor.rules.v1.field).format = FORMAT_CURRENCY];
      option (buf.validate.message).cel = {id: "land.locked", message: "no sea there", expression: "!has(this.by_sea) || this.user_id != 'ch1'"};
    }`;

  it("is refused with all violations at once, in the order of fields, with their names in JSON", async () => {
    const validate = validatorOf(await thingService(nested));
    expect(
      validate({
        ...{ tags: ["a", "\u200b"], optionValues: { color: "" }, currency: "eur", userId: "a" },
        orderItems: [{ sku: "a", quantity: 0, note: "" }, { sku: "a", quantity: 1 }, { quantity: -1 }],
      }),
    ).toEqual([
      'userId TOO_SHORT {"min":3}',
      'orderItems[0].quantity TOO_SMALL {"min":1}',
      'orderItems[0].note TOO_SHORT {"min":2}',
      "orderItems[1].sku DUPLICATE {}",
      "orderItems[2].sku REQUIRED {}",
      'orderItems[2].quantity TOO_SMALL {"min":1}',
      "optionValues.color REQUIRED {}",
      "tags[1] NOTHING_VISIBLE {}",
      "currency NOT_A_CURRENCY {}",
      ' ONE_REQUIRED {"fields":["byLand","bySea"]}',
    ]);
  });

  it("satisfies rules of fields that are absent or that may be zero", async () => {
    const validate = validatorOf(await thingService(nested));
    expect(validate({ byLand: "", orderItems: [{ sku: "a", quantity: 1 }] })).toEqual([]);
    expect(validate({ bySea: "x", userId: "ch1" })).toEqual([" LAND_LOCKED {}"]);
  });

  it("with too long a list is refused without a look at its items", async () => {
    const validate = validatorOf(await thingService(nested));
    const orderItems = Array.from({ length: 100_000 }, () => ({}));
    expect(validate({ byLand: "", orderItems })).toEqual(['orderItems TOO_MANY {"max":100}']);
  });

  it("is refused in the domain of its service, in both languages", async () => {
    const service = await thingService(nested);
    const [method] = service.methods;
    if (method === undefined) throw new TypeError("the service has no RPC");
    const check = createRequestRules({ contracts: [service], onDefect: () => {} }).of(method);
    const message = Object.assign(Object.create(null), { $typeName: "acme.things.v1.Request" });
    message.orderItems = [];
    message.optionValues = {};
    message.tags = [];
    message.userId = "a";
    message.currency = "";
    message.way = { case: "byLand", value: "" };
    try {
      check?.(message);
      expect.unreachable();
    } catch (error) {
      if (!isKontorError(error)) throw error;
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_REQUEST", domain: "things.acme" });
      expect(error.message).toBe("userId: Must be at least 3 characters.");
      expect(error.translations.de).toBe("userId: Muss mindestens 3 Zeichen lang sein.");
    }
  });

  it("of a contract without rules costs nothing", async () => {
    const service = await thingService("message Request { string name = 1; Request inner = 2; }");
    const [method] = service.methods;
    if (method === undefined) throw new TypeError("the service has no RPC");
    expect(createRequestRules({ contracts: [service], onDefect: () => {} }).of(method)).toBeUndefined();
  });

  it("may contain itself", async () => {
    const validate = validatorOf(
      await thingService(`message Request {
        string name = 1 [(buf.validate.field).string.min_len = 1];
        Request left = 2;
        repeated Request more = 3 [(buf.validate.field).repeated.max_items = 2];
        string note = 4 [(kontor.rules.v1.field).text = {}];
      }`),
    );
    let json: JsonValue = { name: "" };
    for (let depth = 0; depth < 90; depth += 1) json = { name: "a", left: json, more: [{ name: "b" }] };
    expect(validate(json)).toHaveLength(1);
  });
});

describe("the request of an update", () => {
  const update = `
    message Thing {
      string id = 1 [(google.api.field_behavior) = IMMUTABLE, (buf.validate.field).string.min_len = 1];
      string title = 2 [(kontor.rules.v1.field).text = {min_length: 1, max_length: 5}];
      Size size = 3;
      string kind = 4 [(buf.validate.field).string.min_len = 1];
    }
    message Size { int32 width = 1 [(buf.validate.field).int32.gte = 1]; int32 height = 2 [(buf.validate.field).int32.gte = 1]; }
    message Request {
      string user_id = 1 [(buf.validate.field).string.min_len = 1];
      Thing thing = 2;
      google.protobuf.FieldMask update_mask = 3;
    }`;

  it.each<[string, JsonValue, string[]]>([
    ["the fields of its mask", { thing: {}, updateMask: "title" }, ['thing.title WRONG_LENGTH {"min":1,"max":5}']],
    ["no other field", { thing: { title: "too long" }, updateMask: "kind" }, ["thing.kind REQUIRED {}"]],
    [
      "a part that the mask names",
      { thing: { size: {} }, updateMask: "size.width" },
      ['thing.size.width TOO_SMALL {"min":1}'],
    ],
    [
      "the whole that the mask names",
      { thing: { size: { width: 1 } }, updateMask: "size" },
      ['thing.size.height TOO_SMALL {"min":1}'],
    ],
    [
      "the fields that are set, without a mask",
      { thing: { title: "too long" } },
      ['thing.title WRONG_LENGTH {"min":1,"max":5}'],
    ],
    [
      "all fields that can change, with *",
      { thing: {}, updateMask: "*" },
      ['thing.title WRONG_LENGTH {"min":1,"max":5}', "thing.kind REQUIRED {}"],
    ],
  ])("is validated by the rules of %s", async (_, json, violations) => {
    const validate = validatorOf(await thingService(update));
    expect(validate({ userId: "ada", ...(json as object) })).toEqual(violations);
  });

  it("is validated by the rules of its other fields", async () => {
    const validate = validatorOf(await thingService(update));
    expect(validate({ thing: { title: "a" }, updateMask: "title" })).toEqual(["userId REQUIRED {}"]);
  });
});

describe("a contract", () => {
  const start = async (definitions: string) => validatorOf(await thingService(definitions));

  it.each([
    [
      "a CEL rule does not compile",
      'message Request { Inner inner = 1; } message Inner { string f = 1 [(buf.validate.field).cel = {id: "x", expression: "this.("}]; }',
    ],
    ["a rule does not fit the field", "message Request { string f = 1 [(buf.validate.field).int32.gte = 1]; }"],
    [
      "a pattern of items is not valid",
      "message Request { repeated string f = 1 [(buf.validate.field).repeated.items.string.pattern = '[']; }",
    ],
    ["a text rule is on a number", "message Request { int32 f = 1 [(kontor.rules.v1.field).text = {}]; }"],
    [
      "items have no such field",
      'message Request { repeated Inner f = 1 [(kontor.rules.v1.field).unique_by = "id"]; } message Inner {}',
    ],
  ])("ends the start if %s", async (_, definitions) => {
    await expect(start(definitions)).rejects.toThrow(RuleError);
  });

  it("ends the start if this version does not know a rule", async () => {
    const newer = `syntax = "proto2";
      package acme.newer.v1;
      import "buf/validate/validate.proto";
      extend buf.validate.StringRules { optional bool shouts = 80048953; }`;
    const service = await thingService(
      "message Request { string f = 1 [(buf.validate.field).string.(acme.newer.v1.shouts) = true]; }",
      { "acme/newer/v1/rules.proto": newer },
    );
    expect(() => validatorOf(service)).toThrow(/Request: Unknown extension .* 80048953/);
  });

  it("may define rules of its own", async () => {
    const begins = `syntax = "proto2";
      package acme.things.v1;
      import "buf/validate/validate.proto";
      extend buf.validate.StringRules {
        optional string begins = 80048952 [(buf.validate.predefined).cel = {
          id: "string.begins", message: "must begin so", expression: "this.startsWith(rule)"
        }];
      }`;
    const service = await thingService(
      'message Request { string f = 1 [(buf.validate.field).string.(acme.things.v1.begins) = "a"]; }',
      { "acme/things/v1/rules.proto": begins },
    );
    const validate = validatorOf(service);
    expect(validate({ f: "ab" })).toEqual([]);
    expect(validate({ f: "b" })).toEqual(["f STRING_BEGINS {}"]);
  });

  it("whose rule fails on a value refuses the request, and reports the defect once", async () => {
    const defects: Error[] = [];
    const service = await thingService(
      "message Request { map<string, string> m = 1; int64 n = 2; option (buf.validate.message).cel = {id: \"x\", expression: \"this.n / this.n == 1 && this.m['a'] != ''\"}; }",
    );
    const validate = validatorOf(service, (error) => defects.push(error));
    expect(validate({ m: {}, n: "0" })).toEqual([" NOT_EVALUATED {}"]);
    expect(validate({ m: {}, n: "0" })).toEqual([" NOT_EVALUATED {}"]);
    expect(defects).toHaveLength(1);
  });
});
