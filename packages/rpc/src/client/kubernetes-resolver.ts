import { experimental, Metadata, status } from "@grpc/grpc-js";
import { parseServiceTarget, type ServiceTarget, watchEndpoints } from "@kontor/discovery";
import { createLogger } from "@kontor/telemetry";

type Target = { readonly path: string };

let registered = false;

/** Lets channels of this process find the endpoints of `kubernetes:///service.namespace:port`. Repeating it changes nothing. */
export function registerKubernetesResolver(): void {
  if (registered) return;
  registered = true;
  experimental.registerResolver("kubernetes", KubernetesResolver);
}

/** Tells a channel of the endpoints of a Service as its EndpointSlices change (https://github.com/grpc/grpc/blob/master/doc/naming.md). */
class KubernetesResolver implements experimental.Resolver {
  readonly #target: ServiceTarget;
  readonly #listener: experimental.ResolverListener;
  #watch: Disposable | undefined;

  constructor(target: Target, listener: experimental.ResolverListener) {
    this.#target = targetOf(target);
    this.#listener = listener;
  }

  static getDefaultAuthority(target: Target): string {
    return targetOf(target).service;
  }

  /** Starts the watch for the first subscriber; later ones share it. */
  updateResolution(): void {
    this.#watch ??= watchEndpoints(
      this.#target,
      {
        changed: (addresses) => void this.#listener({ ok: true, value: addresses.map(endpointOf) }, {}, null, ""),
        unknown: (error) => {
          const details = `Name resolution failed: ${error instanceof Error ? error.message : error}`;
          this.#listener(
            { ok: false, error: { code: status.UNAVAILABLE, details, metadata: new Metadata() } },
            {},
            null,
            "",
          );
        },
      },
      { log: createLogger({ service: "discovery" }) },
    );
  }

  destroy(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
  }
}

function targetOf({ path }: Target): ServiceTarget {
  const target = parseServiceTarget(`kubernetes:///${path}`);
  if (!target) throw new Error(`kubernetes:///${path} is not of the form kubernetes:///service.namespace:port.`);
  return target;
}

function endpointOf(address: string): experimental.Endpoint {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  return { addresses: [{ host, port: Number(address.slice(colon + 1)) }] };
}
