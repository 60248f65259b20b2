import { describe, expect, it } from "vitest";
import { parsePlainJson } from "./plain-json.ts";

const parse = (text: string) => parsePlainJson(Buffer.from(text), { maxDepth: 3, maxValues: 9 });

describe("taking JSON for plain", () => {
  it.each(['{"a":{"b":[1,-2,true,null,"ä:\\"\\\\,\\n"]}}', " [ ] ", '"{:"', "null", '{"__proto__":1}', "-0"])(
    "takes %s",
    (text) => {
      expect(parse(text)).toEqual(JSON.parse(text));
    },
  );

  it.each([
    ...[
      '{"a":1,"a":1}',
      '{"a":{"b":1,"b":2}}',
      '[{"a":1,"a":1}]',
      '{"__proto__":1,"__proto__":2}',
      '{"a":1,"\\u0061":2}',
    ],
    ...["1.0", "1e3", "1E3", "1e+3", "1234567890123456", '"\\ud800"', "[[[[1]]]]", "[0,0,0,0,0,0,0,0,0,0]"],
    ...["", "{", "[1]]", '{"a" 1}', '{"a"::1}', '"', '"\\', "\ufeff1", "é", "[1,]", "01", "nul"],
  ])("leaves %j to the one that reads everything", (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it("leaves bytes that are no text to it, too", () => {
    expect(parsePlainJson(Buffer.from([0x22, 0xff, 0x22]), { maxDepth: 3, maxValues: 9 })).toBeUndefined();
  });
});
