import type { Any } from "@bufbuild/protobuf/wkt";

/** What an upstream answered instead of a message: a `google.rpc.Status` as an error. */
export class RpcError extends Error {
  /** The number of the canonical code, 1 to 16. */
  readonly code: number;
  /** The details as sent. Those of unknown type are kept. */
  readonly details: readonly Any[];
  /** Set when no upstream said this: the call never arrived, or its answer made no sense. */
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
