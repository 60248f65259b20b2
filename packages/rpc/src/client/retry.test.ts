import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { rpcErrors } from "../rpc-errors.ts";
import { failure } from "./failure.ts";
import { retrying } from "./retry.ts";

const failed = (details: string) => {
  const init = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
  return failure(Object.assign(new Error(`14 UNAVAILABLE: ${details}`), init) as ServiceError, undefined);
};

const resetBy = (code: number) =>
  failure(Object.assign(new Error("reset"), { code, details: "RST_STREAM", metadata: new Metadata() }), undefined);

async function tryAgainst(
  errors: readonly Error[],
  { repeatable = false, untilDeadline = false, tokens = 0, budgetAfter = 0 } = {},
) {
  let tries = 0;
  let left = tokens;
  let refused = 0;
  const budget = { deposit: () => {}, withdraw: () => left-- > 0 || (budgetAfter > 0 && ++refused > budgetAfter) };
  const attempt = async () => {
    const error = errors[tries++];
    if (error) throw error;
  };
  const terms = { repeatable, untilDeadline, budget, deadline: new Date(Date.now() + 5_000), signal: undefined };
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

describe("a call that is retried until its deadline", () => {
  const lost = failed("Connection dropped");
  const reset = resetBy(status.INTERNAL);
  const terms = { repeatable: true, untilDeadline: true };

  it("is tried more often than three times", async () => {
    expect(await tryAgainst([lost, lost, lost, lost], { ...terms, tokens: 9 })).toEqual({ tries: 5, end: "answered" });
  });

  it("waits for budget instead of failing without", async () => {
    expect(await tryAgainst([lost], { ...terms, budgetAfter: 2 })).toEqual({ tries: 2, end: "answered" });
  });

  it("is repeated after a reset, unlike others", async () => {
    expect(await tryAgainst([reset], { ...terms, tokens: 1 })).toEqual({ tries: 2, end: "answered" });
    expect(await tryAgainst([reset], { repeatable: true, tokens: 1 })).toEqual({ tries: 1, end: "failed" });
  });

  it("waits for an open circuit at no cost to the budget", async () => {
    const open = rpcErrors.CIRCUIT_OPEN({ service: "a" }, { retryAfterMs: 20 });
    expect(await tryAgainst([open, open], terms)).toEqual({ tries: 3, end: "answered" });
    expect(await tryAgainst([open], { repeatable: true })).toEqual({ tries: 1, end: "failed" });
  });
});
