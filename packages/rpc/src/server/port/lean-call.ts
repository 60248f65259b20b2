import type { Code, KontorError } from "@kontor/errors";
import { fieldOf, type MessageProblem, type RequestReceiver, type ServerStream } from "@kontor/http2";
import type { CallFailure } from "../../client/call-failure.ts";
import { ACCEPTED_ENCODINGS, decompress } from "../../client/transport/unary/decompress.ts";
import { codeName } from "../../status.ts";
import type { IncomingCall } from "../incoming-call.ts";
import { endResponse, endWith, HEAD } from "./lean-status.ts";

/** A call over our own HTTP/2 with one request message. It begins once its request is complete. */
export class LeanCall implements IncomingCall, RequestReceiver {
  readonly deadline: number;
  readonly #stream: ServerStream;
  readonly #limit: number;
  readonly #begin: (call: LeanCall) => void;
  #request: Buffer | undefined;
  #isCompressed = false;
  #hasBegun = false;
  #cancelled = false;
  #listeners: (() => void)[] | undefined;

  /** `limit` is the most bytes of the request. */
  constructor(stream: ServerStream, limit: number, begin: (call: LeanCall) => void) {
    this.#stream = stream;
    this.#limit = limit;
    this.#begin = begin;
    this.deadline = deadlineIn(fieldOf(stream.fields, "grpc-timeout"));
  }

  get request(): Buffer {
    return this.#request ?? EMPTY;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get(name: string): string | undefined {
    return fieldOf(this.#stream.fields, name);
  }

  onceCancelled(listener: () => void): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  sendHeaders(headers: Readonly<Record<string, string>>): void {
    this.#stream.head([...HEAD, ...Object.entries(headers).flatMap(([name, value]) => [name, value.trim()])]);
  }

  send(message: Buffer): Promise<void> | undefined {
    if (!this.#stream.hasHead) this.#stream.head(HEAD);
    return this.#stream.message(message) ? undefined : new Promise((resolve) => this.#stream.onceDrained(resolve));
  }

  end(error: KontorError | undefined, response: Buffer | undefined): void {
    if (error === undefined && !this.#stream.hasHead) this.#stream.head(HEAD);
    if (error === undefined && response !== undefined) this.#stream.message(response);
    endResponse(this.#stream, error);
    this.#stream.stop();
  }

  onMessage(message: Buffer, isCompressed: boolean): void {
    if (this.#request !== undefined) {
      this.#refuse("UNIMPLEMENTED", "Received more than one request message.");
      return;
    }
    this.#request = message;
    this.#isCompressed = isCompressed;
  }

  onEnd(): void {
    if (Number.isNaN(this.deadline)) this.#refuse("INTERNAL", "Received a malformed grpc-timeout.");
    else if (this.#request === undefined) this.#refuse("UNIMPLEMENTED", "Received no request message.");
    else if (this.#isCompressed) void this.#decompress(this.#request);
    else this.#start();
  }

  onProblem(problem: MessageProblem | "truncated"): void {
    if (problem === "too large")
      this.#refuse("RESOURCE_EXHAUSTED", `Received message larger than max (limit ${this.#limit})`);
    else this.#refuse("INTERNAL", `Received a message that is ${problem === "truncated" ? problem : "no message"}.`);
  }

  onCancelled(): void {
    this.#cancelled = true;
    for (const listener of this.#listeners ?? []) listener();
    this.#listeners = undefined;
    if (!this.#hasBegun) this.#stream.stop();
  }

  #start(): void {
    if (this.#cancelled) return;
    this.#hasBegun = true;
    this.#begin(this);
  }

  async #decompress(bytes: Buffer): Promise<void> {
    try {
      this.#request = await decompress(bytes, this.get("grpc-encoding") ?? "identity", this.#limit);
    } catch (error) {
      const { code, message } = error as CallFailure;
      this.#refuse(codeName(code), `${message}. Accepted are ${ACCEPTED_ENCODINGS}.`);
      return;
    }
    this.#start();
  }

  #refuse(code: Code, message: string): void {
    endWith(this.#stream, code, message);
    this.#stream.stop();
  }
}

const EMPTY = Buffer.alloc(0);

const UNITS: Readonly<Record<string, number>> = { n: 1e-6, u: 1e-3, m: 1, S: 1e3, M: 6e4, H: 3.6e6 };

/** Returns when a `grpc-timeout` passes, in milliseconds since the epoch; infinite without one, NaN for a malformed one. */
function deadlineIn(timeout: string | undefined): number {
  if (timeout === undefined) return Number.POSITIVE_INFINITY;
  const [, digits, unit] = /^(\d{1,8})([numSMH])$/.exec(timeout) ?? [];
  return digits === undefined || unit === undefined ? Number.NaN : Date.now() + Number(digits) * (UNITS[unit] ?? 0);
}
