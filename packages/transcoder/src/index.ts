export type {
  Answer,
  Around,
  BidiStreamInvoker,
  Call,
  ClientStreamInvoker,
  EdgeCall,
  Invoker,
  Reply,
  StreamCall,
  StreamInvoker,
} from "./call.ts";
export { type Code, codeOf, Status } from "./code.ts";
export type { DeadlineLimits } from "./deadline.ts";
export { routeOf } from "./exchange.ts";
export { badBody, badHeader, badPath, badQuery, HttpError, type Place, type Violation } from "./http-error.ts";
export type { JsonRules } from "./json-form.ts";
export { LANGUAGES, type Language, preferredLanguage } from "./language.ts";
export { negotiate } from "./media-type.ts";
export type { Limits, TranscoderOptions } from "./options.ts";
export { transcoder } from "./plugin.ts";
export { type FieldError, type Problem, type ProblemOptions, problemOf } from "./problem.ts";
export { jsonOfAnswer } from "./render.ts";
export { requestId } from "./request-id.ts";
export { type BodyTarget, describeRoute, type PathBinding, type Route } from "./route.ts";
export { RouteError } from "./route-error.ts";
export type { Found } from "./route-table.ts";
export type { UpstreamViolation, ViolationReader } from "./rpc-details.ts";
export { RpcError } from "./rpc-error.ts";
export { sendProblem } from "./send-problem.ts";
export { singleHeader } from "./single-header.ts";
export type { VersionOf } from "./stream.ts";
export type { JsonLimits } from "./strict-json.ts";
export { type Param, say, type Text, type TextCode } from "./text.ts";
