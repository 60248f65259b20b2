import { type DescField, type DescMessage, getOption, ScalarType } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { json_number } from "./gen/kontor/options/v1/options_pb.js";
import { registry } from "./registry.ts";

const ours = [...registry].filter((type) => type.file.proto.package.startsWith("kontor."));
const messages = ours.filter((type): type is DescMessage => type.kind === "message");
const fields: readonly DescField[] = messages
  .filter(({ file }) => file.proto.package !== "kontor.options.v1")
  .flatMap((message) => message.fields);
const wide = new Set<ScalarType | undefined>([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64]);

describe("contracts of the shop, as JSON,", () => {
  it("have no integers in strings but ids", () => {
    const strings = fields.filter((field) => wide.has(field.scalar) && !getOption(field, json_number));
    expect(strings.map(String)).toEqual(["field kontor.inventory.v1.StockMovement.id"]);
  });
});
