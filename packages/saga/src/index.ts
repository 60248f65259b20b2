export type { Backlog } from "./backlog.ts";
export {
  defineSaga,
  type Saga,
  type SagaDefinition,
  type SagaFailure,
  type Step,
  type StepContext,
} from "./definition.ts";
export { createSagaEngine, type SagaEngine, type SagaEngineOptions } from "./engine.ts";
export { sagaErrors } from "./errors.ts";
export { fail, next, type Outcome, wait } from "./outcome.ts";
export type { ParkedSaga } from "./parked.ts";
export { readPhase } from "./requests.ts";
export { sagaRetention } from "./retention.ts";
export type { SagaPhase } from "./row.ts";
export type { Backoff, SagaSettings } from "./settings.ts";
export { sagaTables } from "./tables.ts";
