import { randomUUID } from "node:crypto";
import type { EventEmitter } from "node:events";
import type { Message } from "@bufbuild/protobuf";
import { Metadata, type ServerUnaryCall, type ServerWritableStream } from "@grpc/grpc-js";
import type { KontorError } from "@kontor/errors";
import type { Principal } from "@kontor/policy";
import type { RequestCheck } from "@kontor/validation";
import { type CallContext, NO_DEADLINE } from "../call-context.ts";
import { HEADER, type Headers, textOf } from "../headers.ts";
import { rpcErrors } from "../rpc-errors.ts";
import { decode } from "../wire.ts";
import type { ServedMethod } from "./served-method.ts";

/** A call of grpc-js, before its bytes are decoded. */
export type RawCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** One call on its way through the onion. What few calls need is made when first asked for. */
export class ServerCall implements CallContext, Headers {
  readonly method: ServedMethod;
  readonly raw: RawCall;
  readonly requestId: string;
  readonly startedAt = performance.now();
  readonly deadline: Date;
  principal: Principal | undefined;
  caller: string | undefined;
  /** The encoded response of a unary call. */
  response: Buffer | undefined;
  /** Whether the answer went out. */
  finished = false;
  /** Why the call failed. */
  error: KontorError | undefined;
  /** Validates the request; absent if its contract has no rules. */
  rules: RequestCheck | undefined;
  #message: Message | undefined;
  #headers: Metadata | undefined;
  #controller: AbortController | undefined;
  #abortReason: KontorError | undefined;

  constructor(method: ServedMethod, raw: RawCall) {
    this.method = method;
    this.raw = raw;
    this.requestId = textOf(raw.metadata, HEADER.requestId) ?? randomUUID();
    const given = Number(raw.getDeadline());
    this.deadline = new Date(Math.min(given, Date.now() + method.timeoutMs, NO_DEADLINE));
  }

  get(name: string): string | undefined {
    return textOf(this.raw.metadata, name);
  }

  get metadata(): Headers {
    return this;
  }

  /** @throws KontorError MALFORMED_REQUEST */
  get message(): Message {
    try {
      this.#message ??= decode(this.method.desc.input, this.raw.request);
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
    return this.#abortReason ?? (this.raw.cancelled ? rpcErrors.CANCELLED() : undefined);
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.abandoned) controller.abort(this.abandoned);
    else (this.raw as EventEmitter).once("cancelled", () => this.abort(rpcErrors.CANCELLED()));
    return controller.signal;
  }

  abort(reason: KontorError): void {
    this.#abortReason ??= reason;
    this.#controller?.abort(this.#abortReason);
  }

  setHeader(name: string, value: string): void {
    this.#headers ??= new Metadata();
    this.#headers.set(name, value);
  }

  sendHeaders(): void {
    if (!this.#headers) return;
    this.raw.sendMetadata(this.#headers);
    this.#headers = undefined;
  }
}
