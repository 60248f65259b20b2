import { indented } from "@kontor/api-page/exact-json.js";
import { expect, it } from "vitest";

it("indents JSON as JSON.stringify does", () => {
  const value = { a: [1, { b: 'x,{}[]:\\"y' }, []], c: {}, d: null, "e:f": true };
  expect(indented(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  expect(indented(JSON.stringify(value, null, 1))).toBe(JSON.stringify(value, null, 2));
});

it("keeps every digit of a number, and text that is no JSON", () => {
  expect(indented('{"id":9007199254740993,"n":1.0e400}')).toBe('{\n  "id": 9007199254740993,\n  "n": 1.0e400\n}');
  expect(indented("{half")).toBe("{half");
});
