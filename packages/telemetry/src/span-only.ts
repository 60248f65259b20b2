import { type Context, ROOT_CONTEXT, type Span, type SpanContext, trace } from "@opentelemetry/api";

/** The key of the span in contexts. The API sets it, but does not export it. */
const SPAN_KEY = spanKey();

/** A context with a span and nothing else. One that the API makes is three functions and the copy of a map. */
class SpanOnly implements Context {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  getValue(key: symbol): unknown {
    return key === SPAN_KEY ? this.#span : undefined;
  }

  setValue(key: symbol, value: unknown): Context {
    return trace.setSpan(ROOT_CONTEXT, this.#span).setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return key === SPAN_KEY ? ROOT_CONTEXT : this;
  }
}

/** Returns a context whose active span has these ids, and which contains nothing else. */
export function contextOfSpan(ids: SpanContext): Context {
  return new SpanOnly(trace.wrapSpanContext(ids));
}

function spanKey(): symbol {
  let found: symbol | undefined;
  const probe: Context = {
    getValue: () => undefined,
    setValue: () => probe,
    deleteValue(key) {
      found = key;
      return probe;
    },
  };
  trace.deleteSpan(probe);
  if (found === undefined) throw new Error("@opentelemetry/api keeps no span in contexts. Install the pinned version.");
  return found;
}
