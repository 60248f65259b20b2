import { isKontorError } from "@kontor/errors";
import { rpcErrors } from "@kontor/rpc";
import { describe, expect, it } from "vitest";
import { type BatchResult, createSharedCall } from "./shared-call.ts";

const done: BatchResult = { outcome: { case: "reservation", value: {} } };

function callOf(batch: (requests: readonly string[]) => Promise<readonly BatchResult[]>) {
  const singles: string[] = [];
  const batches: (readonly string[])[] = [];
  const call = createSharedCall<string>({
    name: "test",
    single: async (request) => singles.push(request),
    batch: (requests) => {
      batches.push(requests);
      return batch(requests);
    },
  });
  return { call, singles, batches };
}

describe("a call that the steps of sagas share", () => {
  it("is a call of its own for one, and one call for several", async () => {
    const { call, singles, batches } = callOf(async (requests) => requests.map(() => done));
    await call("a");
    await Promise.all(["b", "c", "d"].map(call));
    expect({ singles, batches }).toEqual({ singles: ["a"], batches: [["b", "c", "d"]] });
  });

  it("gives each request its own error", async () => {
    const error = { code: 9, message: "Gone.", details: [] };
    const { call } = callOf(async (requests) =>
      requests.map((request) => (request === "b" ? { outcome: { case: "error", value: error } } : done)),
    );
    const results = await Promise.allSettled(["a", "b", "c"].map(call));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: { code: "FAILED_PRECONDITION", message: "Gone." } });
  });

  it("repeats by itself what was still under way", async () => {
    const { call, singles } = callOf(async (requests) =>
      requests.map((request) => (request === "b" ? { outcome: { case: undefined } } : done)),
    );
    await Promise.all(["a", "b", "c"].map(call));
    expect(singles).toEqual(["b"]);
  });

  it("is made one by one where the callee knows no batches", async () => {
    const { call, singles } = callOf(() => Promise.reject(rpcErrors.CANCELLED()));
    await Promise.all(["a", "b", "c"].map(call));
    expect(singles.toSorted()).toEqual(["a", "b", "c"]);
  });

  it("repeats no batch whose outcome is unknown", async () => {
    const { call, singles, batches } = callOf(() => Promise.reject(rpcErrors.OVERLOADED()));
    const results = await Promise.allSettled(["a", "b"].map(call));
    for (const result of results)
      expect(result.status === "rejected" && isKontorError(result.reason, "OVERLOADED")).toBe(true);
    expect({ singles, batches: batches.length }).toEqual({ singles: [], batches: 1 });
  });
});
