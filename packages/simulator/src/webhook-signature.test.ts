import { describe, expect, it } from "vitest";
import { signWebhook } from "./webhook-signature.ts";

describe("a webhook signature", () => {
  it("is that of the Standard Webhooks libraries", () => {
    const signature = signWebhook(
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      1614265330,
      '{"test": 2432232314}',
    );
    expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("uses a secret without prefix unchanged", () => {
    expect(signWebhook("YWJj", "a", 1, "{}")).not.toBe(signWebhook("whsec_YWJj", "a", 1, "{}"));
    expect(signWebhook("abc", "a", 1, "{}")).toBe(signWebhook("whsec_YWJj", "a", 1, "{}"));
  });
});
