import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createLogger, injectTrace, runWithTrace, startTracing, withSpan } from "./index.ts";
import { samplerFromEnvironment } from "./sampler.ts";

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
}

async function collector({ status = 200 } = {}) {
  const spans: ExportedSpan[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
    for (const { scopeSpans } of body.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { spans, url, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("tracing", () => {
  it("does nothing unless an endpoint is configured", async () => {
    const stop = await startTracing({ service: "orders" });
    expect(withSpan("work", {}, (span) => span.isRecording())).toBe(false);
    await stop();
  });

  it("exports connected spans with their outcome, children of the caller's", async () => {
    await using backend = await collector();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", backend.url);
    const stop = await startTracing({ service: "orders" });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const carrier: Record<string, string> = {};

    await runWithTrace({ traceparent }, () =>
      withSpan("outer", { kind: "server" }, async () => {
        await withSpan("inner", { attributes: { "db.system.name": "postgresql" } }, async () => injectTrace(carrier));
        await expect(withSpan("broken", {}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
      }),
    );
    await stop();

    const span = (name: string) => backend.spans.find((candidate) => candidate.name === name);
    expect(backend.spans).toHaveLength(3);
    expect(span("outer")).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentSpanId: "b7ad6b7169203331",
    });
    expect(span("inner")?.parentSpanId).toBe(span("outer")?.spanId);
    expect(carrier.traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${span("inner")?.spanId}-01`);
    expect(span("broken")?.status.code).toBe(2);
    expect(withSpan("after", {}, (late) => late.isRecording())).toBe(false);
  });

  it("warns, and breaks nothing, when the backend refuses the spans", async () => {
    await using backend = await collector({ status: 400 });
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", backend.url);
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "10");
    const lines: string[] = [];
    const log = createLogger({ service: "orders" }, { write: (line) => void lines.push(line) });
    const stop = await startTracing({ service: "orders", log });
    expect(withSpan("work", {}, () => "done")).toBe("done");
    await vi.waitFor(() => expect(lines).not.toEqual([]), { timeout: 10_000 });
    await stop();
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", msg: "trace export failed" });
  });

  it("stops within its time although the backend is away", async () => {
    const away = await collector();
    await away[Symbol.asyncDispose]();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", away.url);
    const stop = await startTracing({ service: "orders" });
    withSpan("work", {}, () => undefined);
    const first = await Promise.race([stop().then(() => "stopped"), delay(6_000, "late")]);
    expect(first).toBe("stopped");
  });

  it("follows the sampler of the environment", async () => {
    await using backend = await collector();
    vi.stubEnv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", `${backend.url}/v1/traces`);
    vi.stubEnv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
    vi.stubEnv("OTEL_TRACES_SAMPLER_ARG", "0");
    const stop = await startTracing({ service: "orders" });
    withSpan("root", {}, () => undefined);
    await stop();
    expect(backend.spans).toEqual([]);
  });

  it("refuses a sampler it does not know", () => {
    expect(() => samplerFromEnvironment({ OTEL_TRACES_SAMPLER: "sometimes" })).toThrow('names "sometimes"');
    expect(() => samplerFromEnvironment({ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" })).toThrow(
      "from 0 to 1",
    );
  });
});
