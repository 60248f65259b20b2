import type { Any } from "@bufbuild/protobuf/wkt";

/** The status that an upstream sent instead of a message: a `google.rpc.Status` as an error. */
export class RpcError extends Error {
  /** The number of the canonical code, 1 to 16. */
  readonly code: number;
  /** The details as sent, including those of unknown types. */
  readonly details: readonly Any[];
  /** Set when the status comes from no upstream: the call never arrived, or its response was invalid. */
  readonly transport: boolean;
  /** Headers of the HTTP response, when the error comes from the gateway rather than an upstream. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: number,
    message: string,
    init: {
      details?: readonly Any[];
      transport?: boolean;
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "RpcError";
    this.code = code;
    this.details = init.details ?? [];
    this.transport = init.transport ?? false;
    this.headers = init.headers ?? {};
  }
}
