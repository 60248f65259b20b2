export { type CallContext, currentCall, runInCall, runOutsideCall } from "./call-context.ts";
export { type CallObserver, callMetrics } from "./call-metrics.ts";
export { CallFailure, type FailureFacts, type LocalRefusal } from "./client/call-failure.ts";
export { type ClientOptions, createClient, type RpcClient } from "./client/create-client.ts";
export { type Addresses, parseAddresses } from "./client/endpoints/addresses.ts";
export { createPool, type OnAttempt, type Pool, type PoolOptions, type Retries } from "./client/endpoints/pool.ts";
export { type CallObservation, observationOf } from "./client/observe-call.ts";
export type { CallOptions } from "./client/outgoing.ts";
export { type PoolMetrics, poolMetrics } from "./client/pool-metrics.ts";
export type { ServerStream } from "./client/server-stream.ts";
export { connectTarget, connectTargets } from "./client/shared-pools.ts";
export type { Transport } from "./client/transport/channel.ts";
export type { OutgoingCall, ResponseHeaders, StreamCall, UnaryCall } from "./client/transport/outgoing-call.ts";
export { type FormerNameOf, formerMethod } from "./former-service.ts";
export { HEADER, type Headers } from "./headers.ts";
export { inProcessAddress, inProcessService } from "./in-process/address.ts";
export { type InProcessListener, serveInProcess } from "./in-process/in-process-listener.ts";
export { rpcErrors } from "./rpc-errors.ts";
export { createServer, type RpcServer, type ServerOptions } from "./server/create-server.ts";
export { type Changes, defineUpdate, type Update } from "./server/define-update.ts";
export { type Handler, type Handlers, type Implementation, implement } from "./server/implement.ts";
export type { ServerLimits } from "./server/limits.ts";
export {
  createNetworkListener,
  type ListenerOptions,
  type NetworkListener,
  type ServerTransport,
} from "./server/network-listener.ts";
export type { ServerPolicy } from "./server/policy.ts";
export { type Served, type ServeOptions, serve } from "./server/serve.ts";
export { type Settled, settleEach, statusMessage } from "./server/settle-each.ts";
export { codeName, codeNumber, detailsOf, fromDetails, fromStatus, toStatus, violationsOf } from "./status.ts";
