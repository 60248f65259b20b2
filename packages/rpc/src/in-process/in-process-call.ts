import { AsyncLocalStorage } from "node:async_hooks";
import { status as Status } from "@grpc/grpc-js";
import type { KontorError } from "@kontor/errors";
import { CallFailure } from "../client/call-failure.ts";
import { codecOf } from "../client/transport/codec.ts";
import type { OutgoingCall, ResponseHeaders } from "../client/transport/outgoing-call.ts";
import { reported } from "../client/transport/status-details.ts";
import { isFree } from "../client/transport/unary/request-headers.ts";
import type { IncomingCall } from "../server/incoming-call.ts";
import { statusBytes } from "../status.ts";

/** Receives a callee's messages. One call of `done` or `failed` ends it. */
export interface Receiver {
  headers(headers: ResponseHeaders): void;
  /** Receives a message of a stream. Resolves when the next one may follow. */
  message(bytes: Buffer): Promise<void> | undefined;
  done(response: Buffer | undefined): void;
  failed(reason: unknown): void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const inNoContext = AsyncLocalStorage.snapshot();

/**
 * One call within the process, as its callee receives it. The request crosses as bytes, and so do responses and errors: caller and
 * callee share no object. It ends once: by its callee, its deadline, its signal or a listener that stops.
 */
export class InProcessCall implements IncomingCall {
  readonly request: Buffer;
  readonly deadline: number;
  readonly #metadata: ReadonlyMap<string, string>;
  readonly #signal: AbortSignal | undefined;
  readonly #receiver: Receiver;
  readonly #timer: NodeJS.Timeout | undefined;
  #began = false;
  #ended = false;
  #cancelled = false;
  #onCancelled: (() => void) | undefined;
  #onEnded: (() => void) | undefined;

  /** @throws CallFailure when the metadata is none that HTTP/2 carries */
  constructor({ method, message, metadata, deadline, signal }: OutgoingCall, receiver: Receiver) {
    this.#metadata = checkedMetadata(metadata);
    this.request = codecOf(method).serialize(message);
    this.deadline = deadline;
    this.#receiver = receiver;
    this.#signal = signal;
    signal?.addEventListener("abort", this);
    if (deadline === Number.POSITIVE_INFINITY) return;
    const left = Math.min(LONGEST_TIMER_MS, Math.max(0, deadline - Date.now()));
    this.#timer = setTimeout(() => this.fail(new CallFailure(Status.DEADLINE_EXCEEDED, "Deadline exceeded.")), left);
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get(name: string): string | undefined {
    return this.#metadata.get(name);
  }

  onceCancelled(listener: () => void): void {
    this.#onCancelled = listener;
  }

  /** Calls the listener when the call ends, however it does. */
  onceEnded(listener: () => void): void {
    this.#onEnded = listener;
  }

  sendHeaders(headers: ResponseHeaders): void {
    if (this.#ended) return;
    this.#began = true;
    this.#receiver.headers({ ...headers });
  }

  send(message: Buffer): Promise<void> | undefined {
    if (this.#ended) return undefined;
    this.#began = true;
    return this.#receiver.message(message);
  }

  end(error: KontorError | undefined, response: Buffer | undefined): void {
    if (!this.#end()) return;
    if (error === undefined) this.#receiver.done(response);
    else this.#receiver.failed(this.#reported(error));
  }

  /** Ends the call for its caller, and cancels it for its callee. */
  fail(reason: unknown): void {
    if (!this.#end()) return;
    this.#cancelled = true;
    this.#receiver.failed(reason);
    const cancel = this.#onCancelled;
    if (cancel) inNoContext(cancel);
  }

  /** Ends the call as a connection does that is lost. */
  cut(): void {
    this.fail(new CallFailure(Status.UNAVAILABLE, "The connection was lost."));
  }

  /** Fails the call when its signal aborts. */
  handleEvent(): void {
    this.fail(this.#signal?.reason);
  }

  #reported(error: KontorError): CallFailure {
    const { code, bytes } = statusBytes(error);
    return reported({ code, message: error.message, details: bytes, pushBack: undefined, began: this.#began });
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this);
    this.#onEnded?.();
    return true;
  }
}

/** The most bytes of metadata that node:http2 accepts by default; RFC 9113, section 6.5.2 counts 32 more for each entry. */
const MOST_BYTES = 65_535;
const ENTRY_BYTES = 32;

const NAME = /^[0-9a-z_.-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Returns the metadata as a callee receives it. @throws CallFailure when HTTP/2 would not carry it */
function checkedMetadata(metadata: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const checked = new Map<string, string>();
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    const lower = name.toLowerCase();
    if (value === undefined || !isFree(lower)) continue;
    if (!NAME.test(lower) || !VALUE.test(value))
      throw new CallFailure(Status.INTERNAL, `The metadata "${name}" has characters that HTTP/2 does not carry.`);
    bytes += name.length + value.length + ENTRY_BYTES;
    checked.set(lower, value);
  }
  if (bytes > MOST_BYTES)
    throw new CallFailure(Status.RESOURCE_EXHAUSTED, `The metadata has ${bytes} bytes, the limit is ${MOST_BYTES}.`);
  return checked;
}
