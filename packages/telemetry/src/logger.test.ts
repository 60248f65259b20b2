import { describe, expect, it } from "vitest";
import { createLogger, runWithTrace, withSpan } from "./index.ts";

function captured(level = "info") {
  const lines: string[] = [];
  const log = createLogger({ service: "orders", level }, { write: (line) => void lines.push(line) });
  return { log, last: () => JSON.parse(lines.at(-1) ?? "{}") as Record<string, unknown>, all: () => lines.join("") };
}

describe("the log", () => {
  it("is one JSON object a line with level, time and service", () => {
    const { log, last } = captured();
    log.info({ orderId: "O-1" }, "placed");
    expect(last()).toMatchObject({ level: "info", service: "orders", orderId: "O-1", msg: "placed" });
    expect(last().time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it("carries the trace id of the request", async () => {
    const { log, last } = captured();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await runWithTrace({ traceparent }, () =>
      withSpan("place", {}, async () => {
        await Promise.resolve();
        log.info("inside");
      }),
    );
    expect(last()).toMatchObject({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" });
    log.info("outside");
    expect(last()).not.toHaveProperty("traceId");
  });

  it("shows no secret, however deep or spelt", () => {
    const { log, last, all } = captured();
    const canary = "canary-4242";
    log
      .child({ token: canary })
      .info({ headers: { Authorization: canary, "set-cookie": [canary], accept: "json" } }, "call");
    expect(last()).toMatchObject({ headers: { accept: "json", Authorization: "[redacted]" } });
    log.info({
      password: canary,
      user: { refreshToken: canary, cards: [{ cardNumber: canary, last4: "4242" }] },
      clientSecret: canary,
    });
    expect(last()).toMatchObject({ user: { cards: [{ last4: "4242" }] } });
    expect(all()).not.toContain(canary);
  });

  it("shows errors with reason and cause but without the row PostgreSQL repeats", () => {
    const { log, last, all } = captured();
    const cause = Object.assign(new Error("violates a constraint"), {
      code: "23514",
      detail: "Failing row contains (canary).",
    });
    log.error({ err: Object.assign(new Error("failed", { cause }), { reason: "X" }) }, "oops");
    expect(last().err).toMatchObject({ message: "failed", reason: "X", cause: { code: "23514" } });
    expect(all()).not.toContain("canary");
  });

  it("leaves the logged object unchanged", () => {
    const fields = { user: { password: "secret" } };
    captured().log.info(fields);
    expect(fields.user.password).toBe("secret");
  });
});
