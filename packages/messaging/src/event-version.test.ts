import { create, toBinary } from "@bufbuild/protobuf";
import { type StringValue, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { wordOfVersion } from "../test/versioned.ts";
import type { EventContext } from "./index.ts";
import { event, on, versionOf } from "./index.ts";

const append = (text: string) => (word: StringValue) => create(StringValueSchema, { value: `${word.value}${text}` });
const word = toBinary(StringValueSchema, create(StringValueSchema, { value: "v" }));

describe("the version of an event", () => {
  it("is 1 unless its contract declares another, and goes with the event", () => {
    expect(versionOf(StringValueSchema)).toBe(1);
    expect(event(StringValueSchema, { value: "v" }, { key: "k" })).toMatchObject({ version: 1 });
    expect(event(wordOfVersion(3), { value: "v" }, { key: "k" })).toMatchObject({ version: 3 });
  });

  it("is raised by every upcaster from the stored version on, in order", async () => {
    const received: string[] = [];
    const handler = on(wordOfVersion(3), async ({ value }) => void received.push(value), {
      1: append("2"),
      2: append("3"),
    });
    for (const version of [undefined, 1, 2, 3]) await handler.prepare(word, version)({} as EventContext);
    expect(received).toEqual(["v23", "v23", "v3", "v"]);
  });

  it("needs one upcaster for each older version, and no other", () => {
    expect(() => on(wordOfVersion(2), async () => {})).toThrow("see 1");
    expect(() => on(wordOfVersion(3), async () => {}, { 1: append("2") })).toThrow("see 2");
    expect(() => on(StringValueSchema, async () => {}, { 1: append("2") })).toThrow("see 1");
  });

  it("is refused for now, with type and versions, when this release does not have it", () => {
    const handler = on(StringValueSchema, async () => {});
    expect(() => handler.prepare(word, 2)).toThrow(
      expect.objectContaining({
        ...{ code: "UNAVAILABLE", reason: "EVENT_VERSION_UNKNOWN" },
        metadata: { type: "google.protobuf.StringValue", version: "2", known: "1" },
      }),
    );
  });
});
