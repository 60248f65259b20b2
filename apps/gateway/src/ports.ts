import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { Answer, Call, StreamCall } from "@kontor/transcoder";

/** The services behind the gateway. */
export interface Upstreams {
  /** Whether the service has an address. */
  serves(service: DescService): boolean;
  /** Makes a unary call for a request. @throws RpcError */
  call(call: Call): Promise<Answer>;
  /** Makes a call whose response is a stream. @throws RpcError while iterating */
  stream(call: Call | StreamCall): AsyncGenerator<Message>;
  /** Makes a call that sends a stream and receives one response. @throws RpcError */
  collect(call: StreamCall): Promise<Answer>;
  /** Makes a unary call of the gateway's own. Default of `fields`: an empty message. @throws RpcError */
  ask(method: DescMethod, timeoutMs: number, fields?: Record<string, unknown>): Promise<Message>;
  close(): void;
}
