export { type Collector, collectStatements } from "./collect.ts";
export { type StatementSources, typeStatements, writeMissingTypes } from "./type-statements.ts";
