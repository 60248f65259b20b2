import { create, type DescMethod } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { ErrorInfoSchema } from "@kontor/contracts/google/rpc/error_details";
import { describe, expect, it } from "vitest";
import { testContract } from "../../../test/testing.ts";
import { rpcErrors } from "../../rpc-errors.ts";
import { CallFailure } from "../call-failure.ts";
import type { OutgoingCall } from "../transport/outgoing-call.ts";
import type { Endpoint } from "./endpoint.ts";
import { createShedding } from "./shedding.ts";

const contract = testContract({ Place: { keyed: true }, Get: { safe: true } });
const place = contract.method("Place");
const [one, two] = [{ address: "one" } as Endpoint, { address: "two" } as Endpoint];

function refusal({ pushBackMs = 5_000, domain = "shop", reason = "OVERLOADED" } = {}) {
  const details = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain }))];
  return new CallFailure(status.UNAVAILABLE, "Later.", { details, answered: true, pushBackMs });
}

function aShedding() {
  let clock = 0;
  const shedding = createShedding(
    () => {},
    () => clock,
  );
  let next = 0;
  const callOf = (method: DescMethod, name: string) =>
    ({ method, message: create(method.input, { name } as never) }) as unknown as OutgoingCall;
  return {
    ...shedding,
    later: (ms: number) => {
      clock += ms;
    },
    /** Whether a call fails without being made. */
    sheds: (endpoints: readonly Endpoint[] = [one], method = place, key = `k-${next++}`) =>
      shedding.refusalFor(callOf(method, key), endpoints) !== undefined,
    refused: (endpoint = one, error = refusal(), key = `r-${next++}`) =>
      shedding.failed(callOf(place, key), endpoint, error),
    accepted: (endpoint = one) => shedding.succeeded(callOf(place, "a"), endpoint),
    callOf,
  };
}

describe("an upstream that refuses a method because it is overloaded", () => {
  it("receives no further calls of that method for 250 ms, then one call at a time until it accepts one", () => {
    const { sheds, refused, accepted, later } = aShedding();
    expect(sheds()).toBe(false);
    refused();
    expect([sheds(), sheds(), sheds([one], contract.method("Get"))]).toEqual([true, true, false]);
    later(249);
    expect(sheds()).toBe(true);
    later(1);
    expect([sheds(), sheds()]).toEqual([false, true]);
    later(250);
    expect([sheds(), sheds()]).toEqual([false, true]);
    accepted();
    expect([sheds(), sheds()]).toEqual([false, false]);
  });

  it("is spared no longer than the time that it named", () => {
    const { sheds, refused, later } = aShedding();
    refused(one, refusal({ pushBackMs: 20 }));
    later(19);
    expect(sheds()).toBe(true);
    later(1);
    expect(sheds()).toBe(false);
  });

  it("is spared only while all its endpoints refuse", () => {
    const { sheds, refused, accepted } = aShedding();
    refused(one);
    expect(sheds([one, two])).toBe(false);
    refused(two);
    expect(sheds([one, two])).toBe(true);
    accepted(two);
    expect(sheds([one, two])).toBe(false);
    expect(sheds([])).toBe(false);
  });

  it("receives a call whose key was sent before and not refused, and no other key", () => {
    const { sheds, refused } = aShedding();
    expect(sheds([one], place, "known")).toBe(false);
    expect(sheds([one], place, "refused")).toBe(false);
    refused(one, refusal(), "refused");
    expect([sheds([one], place, "known"), sheds([one], place, "refused")]).toEqual([false, true]);
    expect(sheds([one], place, "refused")).toBe(true);
  });

  it("is not shed for other failures or for a server's limit of calls in flight", () => {
    const { sheds, refused } = aShedding();
    refused(one, refusal({ reason: "DEPENDENCY_UNAVAILABLE" }));
    refused(one, refusal({ pushBackMs: 0 }));
    refused(one, refusal({ domain: rpcErrors.OVERLOADED.domain }));
    expect(sheds()).toBe(false);
  });

  it("returns the refusal with the time until a retry", () => {
    const { refusalFor, refused, callOf } = aShedding();
    const error = refusal();
    refused(one, error);
    expect(refusalFor(callOf(place, "new"), [one])).toMatchObject({ code: error.code, details: error.details });
  });
});
