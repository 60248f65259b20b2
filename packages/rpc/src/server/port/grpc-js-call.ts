import type { EventEmitter } from "node:events";
import { Metadata, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from "@grpc/grpc-js";
import type { KontorError } from "@kontor/errors";
import { textOf } from "../../headers.ts";
import { toStatus } from "../../status.ts";
import type { IncomingCall } from "../incoming-call.ts";

type Raw = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** A call of grpc-js. With `done` it is unary. */
export class GrpcJsCall implements IncomingCall {
  readonly #raw: Raw;
  readonly #done: sendUnaryData<Buffer> | undefined;

  constructor(raw: Raw, done?: sendUnaryData<Buffer>) {
    this.#raw = raw;
    this.#done = done;
  }

  get request(): Buffer {
    return this.#raw.request;
  }

  get deadline(): number {
    return Number(this.#raw.getDeadline());
  }

  get cancelled(): boolean {
    return this.#raw.cancelled;
  }

  get(name: string): string | undefined {
    return textOf(this.#raw.metadata, name);
  }

  onceCancelled(listener: () => void): void {
    (this.#raw as EventEmitter).once("cancelled", listener);
  }

  sendHeaders(headers: Readonly<Record<string, string>>): void {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    this.#raw.sendMetadata(metadata);
  }

  send(message: Buffer): Promise<void> | undefined {
    const stream = this.#raw as ServerWritableStream<Buffer, Buffer>;
    return stream.write(message) ? undefined : new Promise((resolve) => stream.once("drain", resolve));
  }

  end(error: KontorError | undefined, response: Buffer | undefined): void {
    const done = this.#done;
    if (done) {
      if (error) done(toStatus(error));
      else done(null, response);
    } else if (error) (this.#raw as EventEmitter).emit("error", toStatus(error));
    else (this.#raw as ServerWritableStream<Buffer, Buffer>).end();
  }
}
