import type { Message } from "@bufbuild/protobuf";
import { status as Status } from "@grpc/grpc-js";
import { CallFailure } from "../call-failure.ts";
import type { Channel } from "./channel.ts";
import type { OutgoingCall, StreamCall } from "./outgoing-call.ts";

/** How long the former name is used first. A call by the wrong name costs a round trip. */
const REMEMBERED_MS = 30_000;

/**
 * Calls a renamed service by the name that its callee serves. If the callee does not serve the name, the other one is tried at once: the
 * callee has processed nothing. A callee of the previous version is called by the former name first for 30 s.
 */
export function byEitherName(channel: Channel, now = () => performance.now()): Channel {
  let formerUntil = 0;
  const chosen = <C extends OutgoingCall>(call: C, former: boolean): C => (former ? { ...call, ...call.former } : call);
  const remember = (former: boolean) => {
    formerUntil = former ? now() + REMEMBERED_MS : 0;
  };
  return {
    readiness: channel.readiness,
    close: channel.close,
    async unary(call) {
      if (call.former === undefined) return channel.unary(call);
      const former = now() < formerUntil;
      try {
        return await channel.unary(chosen(call, former));
      } catch (error) {
        if (!isUnknown(error)) throw error;
      }
      remember(!former);
      return channel.unary(chosen(call, !former));
    },
    async *stream(call: StreamCall): AsyncGenerator<Message> {
      const former = call.former !== undefined && now() < formerUntil;
      try {
        return yield* channel.stream(chosen(call, former));
      } catch (error) {
        if (call.former === undefined || call.messages !== undefined || !isUnknown(error)) throw error;
      }
      remember(!former);
      yield* channel.stream(chosen(call, !former));
    },
  };
}

/** Returns whether the callee has no RPC of that name. One that it has, and does not implement, names a reason. */
function isUnknown(error: unknown): boolean {
  return (
    error instanceof CallFailure &&
    error.answered &&
    !error.began &&
    error.code === Status.UNIMPLEMENTED &&
    error.info === undefined
  );
}
