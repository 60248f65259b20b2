import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { violation } from "@kontor/errors";
import { describe, expect, it } from "vitest";
import { changesOf } from "./changes.ts";

const values = { id: "1", displayName: "Ada", locale: "" };
const changes = (paths?: string[]) =>
  changesOf(values, paths && create(FieldMaskSchema, { paths }), ["displayName", "locale"], "user");

describe("the changes of a request", () => {
  it("are what the mask names, also if it is empty", () => {
    expect(changes(["locale"])).toEqual({ locale: "" });
    expect(changes(["display_name"])).toEqual({ displayName: "Ada" });
    expect(changes(["*"])).toEqual({ displayName: "Ada", locale: "" });
    expect(changes([])).toEqual({});
  });

  it("are what is not empty if there is no mask", () => {
    expect(changes()).toEqual({ displayName: "Ada" });
  });

  it.each([
    ["id", "id"],
    ["nonsense", "nonsense"],
    ["created_at", "createdAt"],
  ])("are refused if the mask names %s, at the field of the body", (path, field) => {
    const violations = [violation(`user.${field}`, "NOT_CHANGEABLE", { path: field })];
    expect(() => changes([path])).toThrowError(expect.objectContaining({ violations }));
  });
});
