import type { EndpointSlice } from "./endpoint-slice.ts";

/** One line of a watch. */
export interface SliceEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: EndpointSlice & { readonly code?: number; readonly message?: string };
}

/** The slices of a Service at one moment. */
export interface SliceList {
  readonly items: readonly EndpointSlice[];
  readonly resourceVersion: string;
}

/** The API server, as far as EndpointSlices go. */
export interface ApiServer {
  /** The namespace this process is in. */
  readonly namespace: string;
  /** @throws ApiError, or what the network says */
  list(namespace: string, service: string, signal: AbortSignal): Promise<SliceList>;
  /** Yields the changes since that version, until the server ends the watch or stays silent. @throws ApiError, or the error of the network */
  watch(
    namespace: string,
    service: string,
    resourceVersion: string,
    onEvent: (event: SliceEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** The API server refused. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`The API server answered ${status}: ${message}`);
    this.status = status;
  }
}
