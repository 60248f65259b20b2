import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { type Answer, type Call, RpcError, Status } from "@kontor/transcoder";
import { type Channel, openChannel } from "./channel.ts";
import type { Drain } from "./drain.ts";
import { metadataOf } from "./metadata.ts";
import { observeCall, observeStream } from "./observe-call.ts";

/** The services behind the gateway. */
export interface Upstreams {
  /** Whether the service has an address. */
  serves(service: DescService): boolean;
  /** Makes a unary call as part of answering a request. @throws RpcError */
  call(call: Call): Promise<Answer>;
  stream(call: Call): AsyncGenerator<Message>;
  /** Where a service is; undefined when nobody said. */
  addressOf(service: DescService): string | undefined;
  close(): void;
}

/** Reads GATEWAY_UPSTREAMS. @throws Error saying what is wrong */
export function parseUpstreams(text: string): ReadonlyMap<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error("GATEWAY_UPSTREAMS is not JSON.", { cause });
  }
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  if (!isObject) throw new Error("GATEWAY_UPSTREAMS is not a JSON object.");
  return new Map(
    Object.entries(parsed as object).map(([service, address]: [string, unknown]) => {
      const isAddress = typeof address === "string" && /^(dns:\/{0,3})?(\[[^\]]+\]|[^:\s]+):\d{1,5}$/.test(address);
      if (!isAddress) throw new Error(`GATEWAY_UPSTREAMS: the address of "${service}" is not host:port.`);
      return [service, address];
    }),
  );
}

/** Connects to the services on first use; services at one address share a channel. */
export function createUpstreams(
  addresses: ReadonlyMap<string, string>,
  forwardedHeaders: readonly string[],
  drain: Drain,
): Upstreams {
  const channels = new Map<string, Channel>();
  const addressOf = (service: DescService) => addresses.get(service.typeName) ?? addresses.get("*");
  function channelTo({ parent }: DescMethod): Channel {
    const address = addressOf(parent);
    if (address === undefined) throw new RpcError(Status.UNAVAILABLE, `${parent.typeName} has no upstream.`);
    const channel = channels.get(address) ?? openChannel(address);
    channels.set(address, channel);
    return channel;
  }
  const outgoing = ({ method, message, request, deadline }: Call, signal: AbortSignal) => ({
    method,
    message,
    metadata: metadataOf(request, forwardedHeaders),
    deadline,
    signal,
  });
  return {
    serves: (service) => addressOf(service) !== undefined,
    addressOf,
    async call(call) {
      using flight = drain.enter(call.signal);
      return await observeCall(call.method, () => channelTo(call.method).unary(outgoing(call, flight.signal)));
    },
    async *stream(call) {
      using flight = drain.enter(call.signal);
      yield* observeStream(call.method, () => channelTo(call.method).serverStream(outgoing(call, flight.signal)));
    },
    close: () => {
      for (const channel of channels.values()) channel.close();
    },
  };
}
