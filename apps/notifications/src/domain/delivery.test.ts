import { describe, expect, it } from "vitest";
import { judge } from "./delivery.ts";

const patience = { maxAttempts: 4, retryBaseMs: 1_000, random: () => 1 };
const deferred = { kind: "deferred", detail: "451 Try again later" } as const;

describe("judging an attempt", () => {
  it("ends when the server accepts the mail, and fails when it never will", () => {
    expect(judge({ kind: "taken", detail: "250" }, 1, patience)).toEqual({ status: "sent" });
    expect(judge({ kind: "refused", detail: "550" }, 1, patience)).toEqual({ status: "failed" });
  });

  it("waits three times longer after each temporary refusal, and fails after the last", () => {
    const verdicts = [1, 2, 3, 4].map((attempt) => judge(deferred, attempt, patience));
    expect(verdicts).toEqual([
      { status: "queued", attempts: 1, retryInMs: 1_000 },
      { status: "queued", attempts: 2, retryInMs: 3_000 },
      { status: "queued", attempts: 3, retryInMs: 9_000 },
      { status: "failed" },
    ]);
  });

  it("never waits longer than an hour", () => {
    const verdict = judge(deferred, 40, { ...patience, maxAttempts: 100 });
    expect(verdict).toEqual({ status: "queued", attempts: 40, retryInMs: 3_600_000 });
  });

  it("does not count attempts at an unreachable server", () => {
    const verdict = judge({ kind: "unreachable", detail: "ECONNREFUSED" }, 4, patience);
    expect(verdict).toEqual({ status: "queued", attempts: 3, retryInMs: 5_000 });
  });
});
