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
  /** @throws ApiError, or the error of the network */
  list(namespace: string, service: string, signal: AbortSignal): Promise<SliceList>;
  /**
   * Yields the changes since that version, until the server ends the watch or sends nothing in time. @throws ApiError, or the error of the
   * network
   */
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
    super(`The API server responded with ${status}: ${message}`);
    this.status = status;
  }
}
