import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSignedBy, type SignedMessage, signedMessage } from "./signed-message.ts";

const at = new Date("2026-11-21T10:00:00Z");
const seconds = String(at.getTime() / 1000);
const raw = Buffer.from("a key of some length");
const secret = `whsec_${raw.toString("base64")}`;

function aMessage(overrides: Partial<SignedMessage> = {}): SignedMessage {
  const body = Buffer.from('{"a":1}');
  const digest = createHmac("sha256", raw).update(`evt_1.${seconds}.`).update(body).digest("base64");
  return { id: "evt_1", timestamp: seconds, signature: `v1,${digest}`, body, ...overrides };
}

describe("a signed message", () => {
  it("passes under any of the secrets, also among several signatures", () => {
    expect(isSignedBy([secret], aMessage(), at)).toBe(true);
    expect(isSignedBy(["whsec_b3RoZXI=", secret], aMessage(), at)).toBe(true);
    expect(isSignedBy([secret], aMessage({ signature: `v1,AAAA ${aMessage().signature}` }), at)).toBe(true);
  });

  it("agrees with the example of the specification", () => {
    const message = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: "1614265330",
      signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      body: Buffer.from('{"test": 2432232314}'),
    };
    expect(isSignedBy(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], message, new Date(1614265330_000))).toBe(true);
  });

  it.each([
    ["another body", { body: Buffer.from('{"a":2}') }],
    ["another id", { id: "evt_2" }],
    ["no id", { id: "" }],
    ["another time", { timestamp: String(Number(seconds) + 1) }],
    ["a time that is no number", { timestamp: "soon" }],
    ["no signature", { signature: "" }],
    ["a signature of another version", { signature: aMessage().signature.replace("v1", "v2") }],
  ])("is refused with %s", (_, overrides) => {
    expect(isSignedBy([secret], aMessage(overrides), at)).toBe(false);
  });

  it("is good for five minutes either way", () => {
    const after = (seconds: number) => isSignedBy([secret], aMessage(), new Date(at.getTime() + seconds * 1000));
    expect([-301, -300, 300, 301].map(after)).toEqual([false, true, true, false]);
  });

  it("is refused under another secret", () => {
    expect(isSignedBy(["whsec_b3RoZXI="], aMessage(), at)).toBe(false);
  });

  it("is read from headers", () => {
    const headers = new Map([["webhook-id", "evt_1"]]);
    expect(signedMessage(headers)).toEqual({ id: "evt_1", timestamp: "", signature: "", body: new Uint8Array() });
  });
});
