export { clientHttp, serviceNames } from "./client-calls.ts";
export { type Comments, commentsIn, methodName } from "./comments.ts";
export { type DocumentOptions, openApiDocument } from "./document.ts";
export type { ErrorEntry, ErrorFacts } from "./errors.ts";
export { createSchemas, type Schemas } from "./message-schemas.ts";
export type { Schema } from "./schema.ts";
