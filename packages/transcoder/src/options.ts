import type { DescMethod, Registry } from "@bufbuild/protobuf";
import type { Gates, JsonLimits, JsonRules } from "@kontor/proto-json";
import type { FastifyRequest } from "fastify";
import type { Around, BidiStreamInvoker, Call, ClientStreamInvoker, EdgeCall, Invoker, StreamInvoker } from "./call.ts";
import type { ProblemOptions } from "./problems/problem.ts";
import type { DeadlineLimits } from "./request/deadline.ts";
import type { Found } from "./routing/route-table.ts";
import type { VersionOf } from "./streams/stream.ts";

/** The options of the plugin. Hooks refuse a call by throwing an `HttpError` or an `RpcError`. */
export interface TranscoderOptions {
  /** The contracts: a binary `FileDescriptorSet` with its imports, or a registry made from one. */
  readonly descriptors: Uint8Array | Registry;
  /** Calls unary RPCs. */
  readonly invoke: Invoker;
  /** Wraps unary calls and their responses as they are sent. It may respond without making the call. */
  readonly around?: Around;
  /** Calls server-streaming RPCs. Default: they respond with 501. */
  readonly invokeStream?: StreamInvoker;
  /** Calls client-streaming RPCs. Default: they respond with 501. */
  readonly invokeClientStream?: ClientStreamInvoker;
  /** Calls bidirectional RPCs, which clients reach by WebSocket. Default: they respond with 501. */
  readonly invokeBidiStream?: BidiStreamInvoker;
  /** Whether an annotated RPC gets its routes. Default: all do. May throw to refuse the contract. */
  readonly exposes?: (method: DescMethod) => boolean;
  /** Decides on 401, 403 and 429, once the route is known and before the body is read. */
  readonly authorise?: (call: EdgeCall) => void | Promise<void>;
  /** Returns the route of an admitted request: words of the path may depend on the caller. Default: the route that was found. */
  readonly locate?: (call: EdgeCall) => Found;
  /** Fills fields from headers and checks the message before it is sent. Runs for each message of a stream. */
  readonly prepare?: (call: Call) => void | Promise<void>;
  /**
   * Returns the checks that the fields of a request must pass so that its JSON becomes bytes without a message. Such calls have `encoded`,
   * and `prepare` need not repeat these checks. It must return the same function each time. Default: undefined for every RPC, so that each
   * request becomes a message.
   */
  readonly gates?: (method: DescMethod) => Gates | undefined;
  /** Returns the longest time of an RPC in milliseconds, or undefined if its contract sets none. */
  readonly timeoutOf?: (method: DescMethod) => number | undefined;
  /** Returns the status of a successful response. Default: 200. */
  readonly successStatusOf?: (method: DescMethod) => number | undefined;
  /**
   * How the version of the resource is read from the messages of a server stream. It is the `id` of each event, an integer, and a
   * client that reconnects with it receives newer messages only, or 204 if there are none and the stream ends. Default: not at all.
   */
  readonly versionOf?: (method: DescMethod) => VersionOf | undefined;
  /** The differences of the contracts' JSON from ProtoJSON. Default: none. */
  readonly json?: JsonRules;
  /** Whether query parameters that name no field are ignored instead of refused. Default: they are refused. */
  readonly ignoresUnknownQuery?: (method: DescMethod) => boolean;
  /** Receives each error before its response is sent. */
  readonly onError?: (error: unknown, request: FastifyRequest) => void;
  /** How errors are shown to clients. */
  readonly problems?: Omit<ProblemOptions, "registry">;
  /** Bounds that differ from the defaults of {@link Limits}. */
  readonly limits?: Partial<Limits>;
}

/** Limits of the data that a client may send, and of its waiting time. */
export interface Limits {
  /** Bytes of a body, before and after decompression; of one message, where a stream is sent. Default: 4 MiB. */
  readonly bodyBytes: number;
  /** Characters of a request target. Default: 8,192. */
  readonly urlLength: number;
  /** Depth and keys of a JSON document. */
  readonly json: JsonLimits;
  /** Bounds of the time that a call may take. */
  readonly deadline: DeadlineLimits;
  /** Milliseconds of silence after which an event stream sends a heartbeat, and between the pings of a WebSocket. Default: 10,000. */
  readonly heartbeatMs: number;
}
