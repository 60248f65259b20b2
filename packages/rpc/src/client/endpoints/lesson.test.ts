import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { testContract } from "../../../test/testing.ts";
import { rpcErrors } from "../../rpc-errors.ts";
import { detailsOf } from "../../status.ts";
import { CallFailure, type FailureFacts } from "../call-failure.ts";
import { isFault, lessonOf } from "./lesson.ts";

const method = testContract({ Get: {} }).method("Get");
const shown = (code: number, facts: FailureFacts = {}, impatient = false) =>
  (["any", "explained"] as const).map((trusted) => {
    const call = { method, message: {} as never, metadata: {}, deadline: 0, impatient };
    return lessonOf(new CallFailure(code, "", facts), call, trusted);
  });
const answered = (reason: keyof typeof rpcErrors, domain?: string): FailureFacts => {
  const { details } = detailsOf(
    Object.assign(rpcErrors[reason]({ service: "s", requestId: "r" }), domain && { domain }),
  );
  return { answered: true, details };
};

describe("a failed call shows of its endpoint", () => {
  it("that it failed when it was out of reach or sent no response of gRPC", () => {
    expect(shown(status.UNAVAILABLE)).toEqual(["failure", "failure"]);
    expect(shown(status.INTERNAL, { transport: true })).toEqual(["failure", "failure"]);
  });

  it("that it was silent until the deadline, unless a client chose that deadline", () => {
    expect(shown(status.DEADLINE_EXCEEDED)).toEqual(["timeout", "timeout"]);
    expect(shown(status.DEADLINE_EXCEEDED, {}, true)).toEqual(["nothing", "nothing"]);
  });

  it("is that it responds, for each status of the application", () => {
    expect(shown(status.INTERNAL, { answered: true })).toEqual(["success", "success"]);
    expect(shown(status.UNAVAILABLE, answered("DEPENDENCY_UNAVAILABLE"))).toEqual(["success", "success"]);
    expect(shown(status.UNAVAILABLE, answered("OVERLOADED", "orders.shop"))).toEqual(["success", "success"]);
  });

  it("is, between services, that it refuses calls when a server of this package refuses one before it processes it", () => {
    expect(shown(status.UNAVAILABLE, answered("OVERLOADED"))).toEqual(["success", "refusal"]);
    expect(shown(status.UNAVAILABLE, answered("SHUTTING_DOWN"))).toEqual(["success", "refusal"]);
  });

  it("between services, that a proxy in front of it reports it as out of reach: its statuses have no details", () => {
    expect(shown(status.UNAVAILABLE, { answered: true })).toEqual(["success", "failure"]);
    expect(shown(status.DEADLINE_EXCEEDED, { answered: true })).toEqual(["success", "timeout"]);
  });

  it("nothing when the client refused or abandoned the call itself", () => {
    expect(shown(status.UNAVAILABLE, { local: "unresponsive" })).toEqual(["nothing", "nothing"]);
    expect(lessonOf(new Error("cancelled"), { method } as never, "any")).toBe("nothing");
    expect(isFault(new Error("cancelled"))).toBe(false);
  });
});
