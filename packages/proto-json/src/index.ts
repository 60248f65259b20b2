export { fieldNamed, isWellKnown } from "./fields.ts";
export { formJson } from "./form-json.ts";
export type { Gate, Gates } from "./json/gates.ts";
export { type WireOptions, wireFromJson } from "./json/wire-from-json.ts";
export { faultTexts, JsonError, type JsonFault, type JsonProblem, jsonProblems } from "./json-error.ts";
export { JsonForm, type JsonRules, protoJson } from "./json-form.ts";
export { JsonReader } from "./read-json.ts";
export { booleanOf, type ScalarValue, sameScalar, valueFromJson, valueFromText } from "./scalar.ts";
export {
  defaultJsonLimits,
  ExactNumber,
  isJsonObject,
  type Json,
  type JsonLimits,
  type JsonObject,
  parseStrictJson,
  pointerTo,
} from "./strict-json.ts";
export { type ValueType, valueTypeOf, wrongType } from "./value-type.ts";
export { jsonFromWire } from "./wire/json-from-wire.ts";
