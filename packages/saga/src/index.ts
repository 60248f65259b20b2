export {
  defineSaga,
  type Saga,
  type SagaDefinition,
  type SagaFailure,
  type SagaShape,
  type Step,
  type StepContext,
  shapeOf,
} from "./definition/definition.ts";
export { fail, next, type Outcome, wait } from "./definition/outcome.ts";
export { type PhaseTransition, phaseDiagram, phases, type SagaPhase, transitions } from "./definition/phases.ts";
export { createSagaEngine, type SagaEngine, type SagaEngineOptions } from "./engine/engine.ts";
export { sagaErrors } from "./errors.ts";
export type { Backoff, SagaSettings } from "./settings.ts";
export type { ParkedSaga } from "./store/parked.ts";
export type { Backlog } from "./store/queue.ts";
export { readPhase } from "./store/requests.ts";
export { sagaRetention, sagaTables } from "./tables.ts";
