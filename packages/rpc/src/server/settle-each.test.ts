import { describe, expect, it } from "vitest";
import { rpcErrors } from "../rpc-errors.ts";
import { settleEach, statusMessage } from "./settle-each.ts";

describe("the requests of a batch", () => {
  it("end each by itself, in their order", async () => {
    const refused = rpcErrors.CANCELLED();
    const results = await settleEach(["a", "b", "c"], async (request) => {
      if (request === "b") throw refused;
      return request.toUpperCase();
    });
    expect(results).toEqual([{ response: "A" }, { error: refused }, { response: "C" }]);
    expect(statusMessage(refused)).toMatchObject({ code: 1, message: refused.message });
  });

  it("do not wait for one that is under way for long", async () => {
    const late = Promise.withResolvers<string>();
    const results = await settleEach(["a", "late"], async (request) => (request === "late" ? late.promise : request));
    expect(results).toEqual([{ response: "a" }, undefined]);
    late.reject(rpcErrors.CANCELLED());
  });

  it("wait for the first however long it takes", async () => {
    const first = Promise.withResolvers<string>();
    setTimeout(() => first.resolve("done"), 150);
    expect(await settleEach(["a"], () => first.promise)).toEqual([{ response: "done" }]);
  });

  it("fail together by a bug", async () => {
    await expect(settleEach(["a"], () => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
  });
});
