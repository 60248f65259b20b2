import type { Message } from "@bufbuild/protobuf";
import { status as Status } from "@grpc/grpc-js";
import { CallFailure } from "../client/call-failure.ts";
import type { Channel } from "../client/transport/channel.ts";
import { codecOf } from "../client/transport/codec.ts";
import type { OutgoingCall, StreamCall, UnaryCall } from "../client/transport/outgoing-call.ts";
import { reported } from "../client/transport/status-details.ts";
import { LONGEST_MESSAGE } from "../client/transport/unary/failure.ts";
import { InProcessCall, type Receiver } from "./in-process-call.ts";
import { calleeNamed } from "./in-process-listener.ts";
import { MessageQueue } from "./message-queue.ts";

/** Opens a channel to the server of this process under a name. There is no connection: the channel is ready while the name is served. */
export function openInProcessChannel(name: string): Channel {
  return {
    readiness: () => (calleeNamed(name) ? "ready" : "unreachable"),
    unary: (call) => unary(name, call),
    stream: (call) => stream(name, call),
    close: () => {},
  };
}

function unary<R>(name: string, outgoing: UnaryCall<R>): Promise<R> {
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  let headers: Parameters<Receiver["headers"]>[0] = {};
  begin(name, outgoing, {
    headers(received) {
      headers = received;
    },
    message: () => undefined,
    done(response) {
      if (response === undefined) return reject(unreadable(Status.UNIMPLEMENTED, "The response has no message."));
      if (response.length > LONGEST_MESSAGE) return reject(unreadable(Status.RESOURCE_EXHAUSTED, TOO_LARGE));
      try {
        resolve(outgoing.read(response, headers));
      } catch (cause) {
        reject(unreadable(Status.INTERNAL, "The response cannot be decoded.", cause));
      }
    },
    failed: reject,
  });
  return promise;
}

async function* stream(name: string, outgoing: StreamCall): AsyncGenerator<Message> {
  const { deserialize } = codecOf(outgoing.method);
  const queue = new MessageQueue(LONGEST_MESSAGE);
  const call = begin(name, outgoing, {
    headers: (received) => outgoing.onHeaders?.(received),
    message: (bytes) => queue.add(bytes),
    done: () => queue.end(),
    failed: (reason) => queue.fail(reason),
  });
  try {
    for (let bytes = await queue.next(); bytes !== undefined; bytes = await queue.next()) yield deserialize(bytes);
  } finally {
    call?.fail(new CallFailure(Status.CANCELLED, "The reader left the stream."));
  }
}

/** Begins a call, or fails it at once like a refused connection. */
function begin(name: string, outgoing: OutgoingCall, receiver: Receiver): InProcessCall | undefined {
  const { signal, deadline, method } = outgoing;
  try {
    signal?.throwIfAborted();
    if (Date.now() >= deadline) throw new CallFailure(Status.DEADLINE_EXCEEDED, "Deadline exceeded.");
    const callee = calleeNamed(name);
    if (!callee) throw new CallFailure(Status.UNAVAILABLE, `This process does not serve ${name}.`, { unsent: true });
    const call = new InProcessCall(outgoing, receiver);
    const size = call.request.length;
    if (size > callee.maxReceiveBytes) call.fail(refused(Status.RESOURCE_EXHAUSTED, `${TOO_LARGE} (${size} bytes)`));
    else if (!callee.begin(codecOf(method).path, call))
      call.fail(refused(Status.UNIMPLEMENTED, `The server does not implement ${codecOf(method).path}.`));
    return call;
  } catch (error) {
    receiver.failed(error);
    return undefined;
  }
}

const TOO_LARGE = "Received message larger than max";

/** Returns a status as a server sends it that refuses a call before its handler. */
function refused(code: number, message: string): CallFailure {
  return reported({ code, message, details: undefined, pushBack: undefined, began: false });
}

function unreadable(code: number, what: string, cause?: unknown): CallFailure {
  return new CallFailure(code, what, { transport: true, cause });
}
