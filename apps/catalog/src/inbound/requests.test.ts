import { create } from "@bufbuild/protobuf";
import { UpdateProductRequestSchema } from "@kontor/contracts/catalog/v1/catalog_service";
import { describe, expect, it } from "vitest";
import { updateOf } from "./requests.ts";

const update = (...paths: string[]) =>
  updateOf(create(UpdateProductRequestSchema, { product: { id: "P", title: "Mug" }, updateMask: { paths } }));

describe("the mask of an update", () => {
  it("chooses what is changed", () => {
    expect(update("title").changes).toEqual({ title: "Mug" });
  });

  it.each(["variants", "title.x", "*", "", "constructor", "__proto__"])("cannot name %j", (path) => {
    expect(() => update(path)).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
  });
});
