import { type DescMessage, getOption, hasOption, ScalarType } from "@bufbuild/protobuf";
import { json_number, short_names, wire_copy_of } from "@kontor/contracts/options/v1/options";
import { describe, expect, it } from "vitest";
import { registry } from "../src/registry.ts";

const messages = new Set([...registry].filter((type): type is DescMessage => type.kind === "message"));
for (const { fields } of messages) for (const { message } of fields) if (message !== undefined) messages.add(message);
const fields = [...messages]
  .filter(({ file }) => /^(shop|kontor)\./.test(file.proto.package) && file.proto.package !== "kontor.options.v1")
  .flatMap((message) => message.fields);
const shown = fields.filter((field) => !hasOption(field, wire_copy_of));
const wide = new Set<ScalarType | undefined>([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64]);

describe("contracts of the shop, as JSON,", () => {
  it("have short names for the values of enums, and unspecified zero values", () => {
    const enums = new Set(fields.flatMap((field) => field.enum ?? []));
    expect(enums.size).toBeGreaterThan(8);
    for (const desc of enums) {
      expect(getOption(desc, short_names), desc.typeName).toBe(true);
      expect(desc.value[0]?.name, desc.typeName).toMatch(/_UNSPECIFIED$/);
    }
  });

  it("have no integers in strings but ids", () => {
    const strings = shown.filter((field) => wide.has(field.scalar) && !getOption(field, json_number));
    expect(strings.map(String)).toEqual(["field shop.inventory.v1.StockMovement.id"]);
  });
});
