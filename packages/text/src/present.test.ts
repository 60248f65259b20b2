import { expect, it } from "vitest";
import { present } from "./present.ts";

it("an empty text is absent, and so is one that is undefined", () => {
  expect(present({ reason: "Broken.", actor: "", detail: undefined })).toStrictEqual({ reason: "Broken." });
});
