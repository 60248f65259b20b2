export type { Gates, JsonLimits, JsonRules } from "@kontor/proto-json";
export {
  type Answer,
  type Around,
  type BidiStreamInvoker,
  type Call,
  type ClientStreamInvoker,
  changedCall,
  type EdgeCall,
  type Invoker,
  type Reply,
  type StreamCall,
  type StreamInvoker,
} from "./call.ts";
export type { Composer, Composition } from "./composition.ts";
export type { Limits, TranscoderOptions } from "./options.ts";
export { transcoder } from "./plugin.ts";
export { type Code, codeOf, Status } from "./problems/code.ts";
export { EDGE_ERRORS, type EdgeErrorDefinition, type EdgeReason } from "./problems/edge-errors.ts";
export {
  badBody,
  badHeader,
  badPath,
  badQuery,
  HttpError,
  type HttpErrorInit,
  type Place,
  refusal,
  type Violation,
} from "./problems/http-error.ts";
export { LANGUAGES, type Language } from "./problems/language.ts";
export { type FieldError, type Problem, type ProblemOptions, problemOf } from "./problems/problem.ts";
export type { UpstreamViolation, ViolationReader } from "./problems/rpc-details.ts";
export { RpcError } from "./problems/rpc-error.ts";
export { sendProblem } from "./problems/send-problem.ts";
export { type Param, say, type Text, type TextCode } from "./problems/text.ts";
export type { DeadlineLimits } from "./request/deadline.ts";
export { routeOf } from "./request/exchange.ts";
export { requestId, singleHeader } from "./request/headers.ts";
export { negotiate } from "./request/media-type.ts";
export { jsonOfAnswer } from "./response/render.ts";
export { buildRoutes } from "./routing/build-routes.ts";
export { RouteError } from "./routing/http-rules.ts";
export { type BodyTarget, describeRoute, type PathBinding, type Route } from "./routing/route.ts";
export type { Found } from "./routing/route-table.ts";
export type { VersionOf } from "./streams/stream.ts";
