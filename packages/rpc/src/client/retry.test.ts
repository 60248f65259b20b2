import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { failure } from "./failure.ts";
import { retrying } from "./retry.ts";

const failed = (details: string) => {
  const init = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
  return failure(Object.assign(new Error(`14 UNAVAILABLE: ${details}`), init) as ServiceError, undefined);
};

async function tryAgainst(errors: readonly Error[], { repeatable = false, tokens = 0 } = {}) {
  let tries = 0;
  let left = tokens;
  const budget = { deposit: () => {}, withdraw: () => left-- > 0 };
  const attempt = async () => {
    const error = errors[tries++];
    if (error) throw error;
  };
  const terms = { repeatable, budget, deadline: new Date(Date.now() + 5_000), signal: undefined };
  const end = await retrying(attempt, terms).then(
    () => "answered",
    () => "failed",
  );
  return { tries, end };
}

describe("a call that no server has begun to work on", () => {
  const unsent = failed("No connection established");
  const lost = failed("Connection dropped");

  it("is repeated once at no cost to the budget", async () => {
    expect(await tryAgainst([unsent])).toEqual({ tries: 2, end: "answered" });
  });

  it("is repeated once more only within the budget", async () => {
    expect(await tryAgainst([unsent, unsent])).toEqual({ tries: 2, end: "failed" });
    expect(await tryAgainst([unsent, unsent], { tokens: 1 })).toEqual({ tries: 3, end: "answered" });
  });

  it("is repeated at no cost after repeats that were paid for", async () => {
    const terms = { repeatable: true, tokens: 1 };
    expect(await tryAgainst([lost, unsent], terms)).toEqual({ tries: 3, end: "answered" });
    expect(await tryAgainst([lost, lost], terms)).toEqual({ tries: 2, end: "failed" });
  });
});
