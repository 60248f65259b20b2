import { createContextKey, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import {
  currentContext,
  currentTraceId,
  extractTrace,
  injectTrace,
  runInContext,
  runWithTrace,
  withSpan,
} from "./index.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function injected() {
  const carrier: Record<string, string> = {};
  injectTrace(carrier);
  return carrier;
}

describe("a trace without a tracing backend", () => {
  it("is passed on unchanged, through awaits", async () => {
    await runWithTrace({ traceparent, tracestate: "vendor=1" }, async () => {
      await new Promise(setImmediate);
      expect(injected()).toEqual({ traceparent, tracestate: "vendor=1" });
      expect(currentTraceId()).toBe("0af7651916cd43dd8448eb211c80319c");
    });
    expect(injected()).toEqual({});
  });

  it("is begun where there is none, or where it is malformed", () => {
    for (const carrier of [
      {},
      { traceparent: "nonsense" },
      { traceparent: `00-${"0".repeat(32)}-${"0".repeat(16)}-01` },
    ]) {
      const begun = runWithTrace(carrier, injected);
      expect(begun.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(begun.traceparent).not.toContain("0".repeat(32));
    }
  });

  it("is entered by a span whose parent came with an event", () => {
    withSpan("consume", { kind: "consumer", parent: extractTrace({ traceparent }) }, () =>
      expect(injected()).toEqual({ traceparent }),
    );
  });

  it("can be taken along into a callback", () => {
    const taken = runWithTrace({ traceparent }, currentContext);
    expect(runInContext(taken, injected)).toEqual({ traceparent });
  });

  it("contains other values, and no span once that is deleted", () => {
    const key = createContextKey("test");
    for (const carrier of [{ traceparent }, {}]) {
      const taken = runWithTrace(carrier, currentContext);
      const more = taken.setValue(key, 1);
      expect([more.getValue(key), more.deleteValue(key).getValue(key), taken.getValue(key)]).toEqual([
        1,
        undefined,
        undefined,
      ]);
      expect(trace.getSpanContext(more)).toEqual(trace.getSpanContext(taken));
      expect(trace.getSpanContext(taken)?.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(trace.getSpan(trace.deleteSpan(taken))).toBeUndefined();
      expect(taken.deleteValue(key)).toBe(taken);
    }
  });
});
