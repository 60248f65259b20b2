export {
  defineErrors,
  type ErrorCatalogue,
  type ErrorDefinition,
  type ErrorFactory,
  type Fact,
} from "./catalogue.ts";
export { CODES, type Code, isTransientCode } from "./code.ts";
export {
  type ErrorDetail,
  invalid,
  isKontorError,
  isTransient,
  KontorError,
  type KontorErrorInit,
  type Translations,
} from "./error.ts";
export { isLanguage, LANGUAGES, type Language, type Translation } from "./language.ts";
export { fill, namesIn, type Param, type Params } from "./template.ts";
export {
  type FieldViolation,
  VIOLATIONS,
  type ViolationCode,
  violation,
  violationText,
} from "./violations/violations.ts";
