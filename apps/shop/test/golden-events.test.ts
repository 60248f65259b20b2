import { fromBinary, toJson } from "@bufbuild/protobuf";
import { versionOf } from "@kontor/messaging";
import { describe, expect, it } from "vitest";
import { registry } from "../src/registry.ts";
import { fileOf, presentType, publishedEvents, readGolden } from "./golden-events.ts";

const golden = readGolden();

describe("events as they were ever published", () => {
  it.each(golden)("are read as before: $file", ({ golden: { type, payload, event } }) => {
    const schema = registry.getMessage(presentType(type));
    if (schema === undefined)
      throw new Error(`${type} is no longer in the contracts, but streams and outboxes hold it.`);
    expect(toJson(schema, fromBinary(schema, Buffer.from(payload, "base64")))).toEqual(event);
  });

  it.each(publishedEvents().map((schema) => [schema.typeName, schema] as const))(
    "have a golden file in their present shape: %s",
    (_, schema) => {
      const advice = `Run "npm run generate" and commit what it writes; never change or remove an older file.`;
      expect(
        golden.map(({ file }) => file),
        advice,
      ).toContain(fileOf(schema));
    },
  );

  it("never lose a version", () => {
    for (const schema of publishedEvents()) {
      const held = golden.flatMap((one) =>
        presentType(one.golden.type) === schema.typeName ? [one.golden.version] : [],
      );
      expect(Math.max(...held), schema.typeName).toBeLessThanOrEqual(versionOf(schema));
    }
  });
});
