import { addAbortListener } from "node:events";
import { HttpMethod, KubeConfig, RequestContext, Watch } from "@kubernetes/client-node";
import { fetch } from "undici";
import { ApiError, type ApiServer, type SliceEvent, type SliceList } from "./api-server.ts";

const LIST_WITHIN_MS = 10_000;

/**
 * Connects to the API server of the pod's service account, or of the user's kubeconfig outside of a cluster. Loading this file costs 10 to
 * 20 MiB, so it is imported lazily.
 */
export function connectApiServer(): ApiServer {
  const config = new KubeConfig();
  config.loadFromDefault();
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new Error(
      "Neither a service account nor a kubeconfig was found for the API server. Run in a pod with a service account, or set KUBECONFIG.",
    );
  const watcher = new Watch(config);
  return {
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",
    async list(namespace, service, signal) {
      const url = new URL(cluster.server + pathOf(namespace));
      url.searchParams.set("labelSelector", selectorOf(service));
      const request = new RequestContext(url.href, HttpMethod.GET);
      await config.applySecurityAuthentication(request);
      const dispatcher = request.getDispatcher();
      const over = new AbortController();
      // The signal lasts as long as the process: a combined signal for each list would never be released.
      using _ = addAbortListener(signal, () => over.abort(signal.reason));
      const timer = setTimeout(() => over.abort(new Error("The API server did not respond in time.")), LIST_WITHIN_MS);
      const response = await fetch(url, {
        headers: request.getHeaders(),
        signal: over.signal,
        ...(dispatcher && { dispatcher }),
      }).finally(() => clearTimeout(timer));
      if (!response.ok) throw new ApiError(response.status, (await response.text()).slice(0, 200));
      const { items, metadata } = (await response.json()) as Pick<SliceList, "items"> & { metadata: SliceList };
      return { items, resourceVersion: metadata.resourceVersion };
    },
    watch(namespace, service, resourceVersion, onEvent, signal) {
      const query = { labelSelector: selectorOf(service), resourceVersion, allowWatchBookmarks: true };
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const tell = (type: string, object: SliceEvent["object"]) => onEvent({ type, object } as SliceEvent);
      const done = (error: unknown) => (isEnd(error) ? resolve() : reject(asApiError(error)));
      const begun = watcher.watch(pathOf(namespace), query, tell, done);
      begun.catch(reject);
      const abort = () => void begun.then((request) => request.abort());
      signal.addEventListener("abort", abort, { once: true });
      return promise.finally(() => signal.removeEventListener("abort", abort));
    },
  };
}

const pathOf = (namespace: string) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
const selectorOf = (service: string) => `kubernetes.io/service-name=${service}`;

/** Returns whether an error ends a watch. Half a minute without data does, too: it reveals a dead connection. */
function isEnd(error: unknown): boolean {
  return error === null || error === undefined || ["TimeoutError", "AbortError"].includes((error as Error).name);
}

function asApiError(error: unknown): unknown {
  const { statusCode, message } = error as { readonly statusCode?: number; readonly message: string };
  return statusCode === undefined ? error : new ApiError(statusCode, message);
}
