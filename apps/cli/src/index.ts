export { messageOf } from "./doctor/finding.ts";
export { type Kubectl, kubectl } from "./doctor/kubectl.ts";
export {
  type Autoscaler,
  componentOf,
  conditionOf,
  INSTANCE,
  type Meta,
  type Pod,
  type Workload,
} from "./doctor/objects.ts";
export type { Result } from "./doctor/run-checks.ts";
