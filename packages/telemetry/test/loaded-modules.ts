// Traces one span and prints the OpenTelemetry packages that this took, as JSON.
import { registerHooks } from "node:module";

const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    const [, name] = /@opentelemetry\/([^/]+)\//.exec(url.replace(/.*node_modules\/(?=@)/, "")) ?? [];
    if (name) loaded.add(name);
    return next(url, context);
  },
});

const { startTracing, withSpan } = await import("../src/index.ts");
const stop = await startTracing({ service: "test" });
withSpan("work", {}, () => undefined);
console.log(JSON.stringify([...loaded].sort()));
await stop().catch(() => undefined); // No receiver takes the span.
