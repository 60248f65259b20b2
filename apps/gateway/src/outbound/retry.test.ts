import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { ErrorInfoSchema } from "@kontor/contracts/google/rpc/error_details";
import type { RetryBudget } from "@kontor/rpc";
import { Status } from "@kontor/transcoder";
import { describe, expect, it } from "vitest";
import { retrying } from "./retry.ts";
import { UpstreamError } from "./upstream-error.ts";

const facts = { details: [], transport: true, answered: false, began: false, pushBackMs: undefined, cause: undefined };
const failed = (message: string) => new UpstreamError(Status.UNAVAILABLE, message, facts);

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

  it("is not repeated when the upstream refused it for load: the client is told when to come back", async () => {
    const info = anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "OVERLOADED", domain: "a-service" }));
    const init = { ...facts, details: [info], answered: true, pushBackMs: 10 };
    const overloaded = new UpstreamError(Status.UNAVAILABLE, "Come back later.", init);
    expect(await tryAgainst([overloaded], { attempts: 3, tokens: 3 })).toEqual({ tries: 1, end: "failed" });
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
