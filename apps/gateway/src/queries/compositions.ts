import { type Composition, RpcError } from "@kontor/transcoder";
import { fallbackAnswer } from "../policy/fallback-answer.ts";
import { recoveryOf } from "../policy/recovery.ts";
import type { Upstreams } from "../ports.ts";

/** Adds the RPCs that are composed of calls of others. */
export function withCompositions(upstreams: Upstreams, compositions: readonly Composition[]): Upstreams {
  const services = new Map(compositions.map(({ method, servedWith }) => [method.parent.typeName, servedWith]));
  const methods = new Map(compositions.map((each) => [`${each.method.parent.typeName}/${each.method.name}`, each]));
  return {
    ...upstreams,
    serves: (service) => upstreams.serves(services.get(service.typeName) ?? service),
    async call(call) {
      const composition = methods.get(`${call.method.parent.typeName}/${call.method.name}`);
      if (composition === undefined) return upstreams.call(call);
      return composition.compose(call, {
        call: (other) => upstreams.call(other),
        fallback(error, fields) {
          const { fallback } = recoveryOf(call.method);
          if (fallback === undefined || !(error instanceof RpcError) || call.signal.aborted) throw error;
          return fallbackAnswer(call, Object.assign(fallback(), fields));
        },
      });
    },
  };
}
