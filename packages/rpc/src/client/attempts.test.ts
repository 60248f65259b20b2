import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { rpcErrors } from "../rpc-errors.ts";
import { detailsOf } from "../status.ts";
import { retrying } from "./attempts.ts";
import { CallFailure, type FailureFacts } from "./call-failure.ts";

const unavailable = (facts: FailureFacts = {}) => new CallFailure(status.UNAVAILABLE, "Away.", facts);
const unsent = unavailable({ unsent: true });
const lost = unavailable();
const reset = new CallFailure(status.INTERNAL, "Reset.", { transport: true });

async function tryAgainst(
  failures: readonly Error[],
  {
    tokens = 0,
    budgetAfter = 0,
    ...terms
  }: { tokens?: number; budgetAfter?: number } & Partial<Parameters<typeof retrying>[1]> = {},
) {
  let tries = 0;
  let left = tokens;
  let refused = 0;
  const budget = { deposit: () => {}, withdraw: () => left-- > 0 || (budgetAfter > 0 && ++refused > budgetAfter) };
  const attempt = async () => {
    const failure = failures[tries++];
    if (failure) throw failure;
  };
  const end = await retrying(attempt, { attempts: 1, budget, deadline: Date.now() + 5_000, ...terms }).then(
    () => "answered",
    (error) => (error.overBudget ? "over budget" : "failed"),
  );
  return { tries, end };
}

describe("repeats a call that no callee has begun to process", () => {
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

describe("a call that its callee refused", () => {
  const refused = (reason: "OVERLOADED" | "DEPENDENCY_UNAVAILABLE" | "SHUTTING_DOWN", pushBackMs?: number) =>
    unavailable({ answered: true, details: detailsOf(rpcErrors[reason]()).details, pushBackMs });
  const terms = { attempts: 3, tokens: 3 };

  it("is not repeated because of load, unless its caller waits for the callee's pause", async () => {
    const overloaded = refused("OVERLOADED", 10);
    expect(await tryAgainst([overloaded], terms)).toEqual({ tries: 1, end: "failed" });
    expect(await tryAgainst([overloaded], { ...terms, afterOverload: true })).toEqual({ tries: 2, end: "answered" });
  });

  it("is repeated when the callee stops, and not when the callee's own callee is away or the callee forbids it", async () => {
    expect(await tryAgainst([refused("SHUTTING_DOWN")], terms)).toEqual({ tries: 2, end: "answered" });
    expect(await tryAgainst([refused("DEPENDENCY_UNAVAILABLE")], terms)).toEqual({ tries: 1, end: "failed" });
    expect(await tryAgainst([refused("SHUTTING_DOWN", -1)], terms)).toEqual({ tries: 1, end: "failed" });
  });

  it("is not repeated once its response has begun", async () => {
    expect(await tryAgainst([unavailable({ answered: true, began: true })], terms)).toEqual({
      tries: 1,
      end: "failed",
    });
  });
});

describe("a call that is retried until its deadline", () => {
  const terms = { attempts: 3, untilDeadline: true };

  it("is tried more often than three times", async () => {
    expect(await tryAgainst([lost, lost, lost, lost], { ...terms, tokens: 9 })).toEqual({ tries: 5, end: "answered" });
  });

  it("waits for budget instead of failing without", async () => {
    expect(await tryAgainst([lost], { ...terms, budgetAfter: 2 })).toEqual({ tries: 2, end: "answered" });
  });

  it("is repeated after a reset, unlike others", async () => {
    expect(await tryAgainst([reset], { ...terms, tokens: 1 })).toEqual({ tries: 2, end: "answered" });
    expect(await tryAgainst([reset], { attempts: 3, tokens: 1 })).toEqual({ tries: 1, end: "failed" });
  });

  it.each(["circuit-open", "unresponsive"] as const)(
    "waits at no cost to the budget while its callee is %s",
    async (local) => {
      const open = unavailable({ local, pushBackMs: 20 });
      expect(await tryAgainst([open, open], terms)).toEqual({ tries: 3, end: "answered" });
      expect(await tryAgainst([open], { attempts: 3 })).toEqual({ tries: 1, end: "failed" });
    },
  );
});
