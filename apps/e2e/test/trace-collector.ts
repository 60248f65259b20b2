import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Attribute = { readonly key: string; readonly value: Record<string, unknown> };

type Exported = {
  readonly resource: { readonly attributes: readonly Attribute[] };
  readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
};

type ExportedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number; readonly message?: string };
};

const kinds = ["", "internal", "server", "client", "producer", "consumer"];

/** A span as tests look at it. */
export type Collected = ReturnType<typeof collected>;

/** A trace backend for tests: receives spans by OTLP over HTTP, as JSON. */
export async function startTraceCollector() {
  const spans = new Map<string, Collected>();
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    bodies.push(body);
    const { resourceSpans }: { resourceSpans: Exported[] } = JSON.parse(body);
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(valuesOf(resource.attributes)["service.name"]);
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.set(span.spanId, collected(service, span));
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Everything that was ever sent. */
    bodies,
    all: () => [...spans.values()],
    /** The spans from the root of the trace down to this one, as `service kind name`. */
    path(span: Collected): string[] {
      const parent = span.parent === undefined ? undefined : spans.get(span.parent);
      return [...(parent ? this.path(parent) : []), `${span.service} ${span.kind} ${span.name}`];
    },
    /** Whether one span was made while the other was active, at whatever distance. */
    isBelow(span: Collected, other: Collected | undefined): boolean {
      const parent = span.parent === undefined ? undefined : spans.get(span.parent);
      return parent !== undefined && (parent === other || this.isBelow(parent, other));
    },
    close: () => void server.close().closeAllConnections(),
  };
}

export type TraceCollector = Awaited<ReturnType<typeof startTraceCollector>>;

function collected(service: string, span: ExportedSpan) {
  return {
    ...{ service, id: span.spanId, traceId: span.traceId, parent: span.parentSpanId, name: span.name },
    kind: kinds[span.kind] ?? "",
    attributes: valuesOf(span.attributes),
    failed: span.status.code === 2,
  };
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
