import { randomUUID } from "node:crypto";
import type { Message } from "@bufbuild/protobuf";
import type { KontorError } from "@kontor/errors";
import type { Principal } from "@kontor/policy";
import type { RequestCheck } from "@kontor/validation";
import { type CallContext, NO_DEADLINE } from "../call-context.ts";
import { HEADER, type Headers } from "../headers.ts";
import { rpcErrors } from "../rpc-errors.ts";
import { decode } from "../wire.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { ServedMethod } from "./served-method.ts";

/** One call on its way through the layers. Rarely used parts are created on first use. */
export class ServerCall implements CallContext, Headers {
  readonly method: ServedMethod;
  readonly incoming: IncomingCall;
  readonly requestId: string;
  readonly startedAt = performance.now();
  readonly deadline: Date;
  principal: Principal | undefined;
  caller: string | undefined;
  /** The encoded response of a unary call. */
  response: Buffer | undefined;
  /** Whether the response was sent. */
  finished = false;
  /** Why the call failed. */
  error: KontorError | undefined;
  /** Validates the request; absent if its contract has no rules. */
  rules: RequestCheck | undefined;
  #message: Message | undefined;
  #headers: Record<string, string> | undefined;
  #controller: AbortController | undefined;
  #abortReason: KontorError | undefined;

  constructor(method: ServedMethod, incoming: IncomingCall) {
    this.method = method;
    this.incoming = incoming;
    this.requestId = incoming.get(HEADER.requestId) ?? randomUUID();
    this.deadline = new Date(Math.min(incoming.deadline, Date.now() + method.timeoutMs, NO_DEADLINE));
  }

  get(name: string): string | undefined {
    return this.incoming.get(name);
  }

  get metadata(): Headers {
    return this;
  }

  /** @throws KontorError MALFORMED_REQUEST */
  get message(): Message {
    try {
      this.#message ??= decode(this.method.desc.input, this.incoming.request);
    } catch (cause) {
      throw rpcErrors.MALFORMED_REQUEST({ cause });
    }
    return this.#message;
  }

  validate(): void {
    this.rules?.(this.message);
  }

  /** The reason why the caller no longer waits. */
  get abandoned(): KontorError | undefined {
    return this.#abortReason ?? (this.incoming.cancelled ? rpcErrors.CANCELLED() : undefined);
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.abandoned) controller.abort(this.abandoned);
    else this.incoming.onceCancelled(() => this.abort(rpcErrors.CANCELLED()));
    return controller.signal;
  }

  abort(reason: KontorError): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(this.#abortReason);
  }

  setHeader(name: string, value: string): void {
    this.#headers ??= {};
    this.#headers[name.toLowerCase()] = value;
  }

  sendHeaders(): void {
    if (!this.#headers) return;
    this.incoming.sendHeaders(this.#headers);
    this.#headers = undefined;
  }
}
