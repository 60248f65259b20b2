import { expect, it } from "vitest";
import { dataOf } from "./server-sent-events.ts";

it("puts events together from pieces, and passes over comments", async () => {
  const pieces = [': hello\n\nid: 1\ndata: {"a"', ":1}\r\n\r\ndata: two\nda", "ta: lines\n\nda"];
  const stream = ReadableStream.from(pieces.map((text) => new TextEncoder().encode(text)));
  expect(await Array.fromAsync(dataOf(stream))).toEqual(['{"a":1}', "two\nlines"]);
});
