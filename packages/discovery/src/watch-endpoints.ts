import { AsyncLocalStorage } from "node:async_hooks";
import { counter, gauge, type Logger } from "@kontor/telemetry";
import type { ApiServer } from "./api-server.ts";
import { addressesOf } from "./endpoint-slice.ts";
import type { ServiceTarget } from "./target.ts";
import { rest, watchSlices } from "./watch-slices.ts";

/** Receives the endpoints of a Service. */
export interface EndpointsObserver {
  /** Receives the present endpoints, as `host:port`: once they are known, and on each change. */
  changed(addresses: readonly string[]): void;
  /** Called while they are unknown because the API server is unreachable. The watch retries. */
  unknown(error: unknown): void;
}

/** How endpoints are watched. */
export interface WatchOptions {
  /** Receives the log events of the watch. Default: nothing is logged. */
  readonly log?: Logger;
  /** Default: the one that the pod's service account or the kubeconfig names; its client is loaded when first needed. */
  readonly api?: () => Promise<ApiServer>;
}

const endpoints = gauge("kontor_discovery_endpoints", "Pods behind a Service, by its EndpointSlices.", ["service"]);
const failures = counter("kontor_discovery_failures_total", "Failed requests for EndpointSlices.", ["service"]);

/** A watch outlives the call that begins it, and is no part of its trace. */
const outsideOfCalls = AsyncLocalStorage.snapshot();

let shared: Promise<ApiServer> | undefined;

/**
 * Watches the endpoints of a Service until it is disposed of. Needs the rights to get, list and watch EndpointSlices in the
 * Service's namespace. While the API server is unreachable the last known endpoints remain.
 */
export function watchEndpoints(
  { service, namespace, port }: ServiceTarget,
  observer: EndpointsObserver,
  { log, api = theApiServer }: WatchOptions = {},
): Disposable {
  const stop = new AbortController();
  let known: string | undefined;
  let away = false;
  const slicesObserver: Parameters<typeof watchSlices>[2] = {
    changed(slices) {
      if (away) log?.info({ target: service }, "EndpointSlices reachable");
      away = false;
      const addresses = addressesOf(slices, port);
      if (known === addresses.join()) return;
      if (known !== undefined) log?.info({ target: service, addresses }, "The endpoints of a service changed.");
      known = addresses.join();
      endpoints.set({ service }, addresses.length);
      observer.changed(addresses);
    },
    failed(err) {
      if (!away) log?.warn({ err, target: service }, "EndpointSlices unreachable; last known endpoints in use");
      away = true;
      failures.inc({ service });
      if (known === undefined) observer.unknown(err);
    },
  };
  async function follow(): Promise<void> {
    const server = await reached();
    if (!server) return;
    await watchSlices(server, { service, namespace: namespace ?? server.namespace }, slicesObserver, stop.signal);
  }
  async function reached(): Promise<ApiServer | undefined> {
    for (let times = 1; !stop.signal.aborted; times++) {
      try {
        return await api();
      } catch (error) {
        slicesObserver.failed(error);
        await rest(times, stop.signal);
      }
    }
    return undefined;
  }
  outsideOfCalls(follow).catch(slicesObserver.failed);
  return { [Symbol.dispose]: () => stop.abort() };
}

function theApiServer(): Promise<ApiServer> {
  shared ??= connect().catch((error) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

async function connect(): Promise<ApiServer> {
  const { connectApiServer } = await import("./connect-api-server.ts");
  return connectApiServer();
}
