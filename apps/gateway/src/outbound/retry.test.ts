import type { RetryBudget } from "@kontor/rpc";
import { Status } from "@kontor/transcoder";
import { describe, expect, it } from "vitest";
import { retrying } from "./retry.ts";
import { UpstreamError } from "./upstream-error.ts";

const failed = (message: string) => {
  const init = { details: [], transport: true, answered: false, began: false, pushBackMs: undefined, cause: undefined };
  return new UpstreamError(Status.UNAVAILABLE, message, init);
};

async function tryAgainst(errors: readonly Error[], { attempts = 1, tokens = 0 } = {}) {
  let tries = 0;
  let left = tokens;
  const budget: RetryBudget = { deposit: () => {}, withdraw: () => left-- > 0 };
  const attempt = async () => {
    const error = errors[tries++];
    if (error) throw error;
  };
  const terms = { attempts, budget, deadline: Date.now() + 5_000, signal: new AbortController().signal };
  const end = await retrying(attempt, terms).then(
    () => "answered",
    (error) => (error.overBudget ? "over budget" : "failed"),
  );
  return { tries, end };
}

describe("a call that no upstream has begun to work on", () => {
  const unsent = failed("No connection established");
  const lost = failed("The connection was lost.");

  it("is repeated once at no cost to the budget", async () => {
    expect(await tryAgainst([unsent])).toEqual({ tries: 2, end: "answered" });
  });

  it("is repeated once more only within the budget", async () => {
    expect(await tryAgainst([unsent, unsent])).toEqual({ tries: 2, end: "over budget" });
    expect(await tryAgainst([unsent, unsent], { tokens: 1 })).toEqual({ tries: 3, end: "answered" });
  });

  it("is repeated at no cost after repeats that were paid for", async () => {
    const terms = { attempts: 3, tokens: 1 };
    expect(await tryAgainst([lost, unsent], terms)).toEqual({ tries: 3, end: "answered" });
    expect(await tryAgainst([lost, lost], terms)).toEqual({ tries: 2, end: "over budget" });
  });
});
