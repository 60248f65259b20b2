export {
  type Background,
  type ClientFactory,
  defineService,
  migrationsOf,
  type Parts,
  type ServiceContext,
  type ServiceDefinition,
  type System,
  type TokenIssuer,
} from "./define-service.ts";
export { callerIdentity, callerVerifier, identitySettings } from "./identity.ts";
export { type ProcessConfig, processSettings, withDefaults } from "./process-settings.ts";
export { type Repeated, type RepeatOptions, repeat } from "./repeat.ts";
export { type Group, groupSettings, type RunningGroup, runGroup, startGroup } from "./run-group.ts";
export { runProcess } from "./run-process.ts";
export { type ServiceConfig, serviceSettings } from "./service-settings.ts";
export {
  type Life,
  type ProcessDefinition,
  type RunningProcess,
  type Stoppable,
  startProcess,
} from "./start-process.ts";
export { type RunningService, runService, settingsOf, startService } from "./start-service.ts";
export { warmUp } from "./warm-up.ts";
