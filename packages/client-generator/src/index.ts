export { type ClientSourceOptions, clientSource } from "./client-source.ts";
export type { ReasonMeaning } from "./reasons.ts";
export { reasonsIn } from "./reasons.ts";
export { servedMethods } from "./served-methods.ts";
