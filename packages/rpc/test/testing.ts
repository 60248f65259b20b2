export { type TestContract, type TestRpc, testContract } from "./contract.ts";
export { transport } from "./transport.ts";
export { type Handler, startUpstream, type Upstream } from "./upstream.ts";
