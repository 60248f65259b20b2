import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { requireSignature } from "./webhook-signature.ts";

const at = new Date("2026-01-01T00:00:00Z");
const seconds = String(at.getTime() / 1000);
const body = Buffer.from('{"type":"payment.captured"}');

const sign = (secret: string, id = "evt_1", timestamp = seconds) =>
  `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
const message = { id: "evt_1", timestamp: seconds, signature: sign("new"), body };
const wrong = expect.objectContaining({ reason: "SIGNATURE_WRONG", code: "UNAUTHENTICATED" });

describe("the signature of a webhook", () => {
  it("is good for any of our secrets, and one good of many is enough", () => {
    requireSignature(["old", "new"], message, at);
    requireSignature(["old"], { ...message, signature: `v1,AAAA ${sign("new")} ${sign("old")} v1a,x` }, at);
  });

  it("agrees with the example of the specification", () => {
    const payload = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: "1614265330",
      signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      body: Buffer.from('{"test": 2432232314}'),
    };
    requireSignature(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], payload, new Date(1614265330_000));
  });

  it.each([
    ["another secret", { signature: sign("other") }],
    ["no signature", { signature: "" }],
    ["another version", { signature: sign("new").replace("v1,", "v2,") }],
    ["another body", { body: Buffer.from("{}") }],
    ["another id", { id: "evt_2" }],
    ["no id", { id: "", signature: sign("new", "") }],
    ["another time", { timestamp: String(Number(seconds) + 1) }],
    ["no time", { timestamp: "", signature: sign("new", "evt_1", "") }],
    ["a time that is no number", { timestamp: "1e9", signature: sign("new", "evt_1", "1e9") }],
  ])("is refused for %s", (_, change) => {
    expect(() => requireSignature(["old", "new"], { ...message, ...change }, at)).toThrow(wrong);
  });

  it("is good for five minutes either way", () => {
    const after = (minutes: number) => new Date(at.getTime() + minutes * 60_000);
    requireSignature(["new"], message, after(5));
    requireSignature(["new"], message, after(-5));
    expect(() => requireSignature(["new"], message, after(5.1))).toThrow(wrong);
    expect(() => requireSignature(["new"], message, after(-5.1))).toThrow(wrong);
  });
});
