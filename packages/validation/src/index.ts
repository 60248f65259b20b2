export { ownRules, standardRules } from "./declared.ts";
export { domainOf } from "./domain.ts";
export type { Gate, Gates } from "./gates.ts";
export { createRequestRules, type RequestCheck, type RequestRules, type RequestRulesOptions } from "./request-rules.ts";
export { RuleError } from "./rule-error.ts";
