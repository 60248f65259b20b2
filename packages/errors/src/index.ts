export {
  defineErrors,
  type ErrorCatalogue,
  type ErrorDefinition,
  type ErrorFactory,
  type Fact,
} from "./catalogue.ts";
export { CODES, type Code, isTransientCode } from "./code.ts";
export {
  type FieldViolation,
  invalid,
  isKontorError,
  isTransient,
  KontorError,
  type KontorErrorInit,
} from "./error.ts";
