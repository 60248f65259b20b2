export { type Comments, commentsIn } from "./comments.ts";
export { type DocumentOptions, openApiDocument } from "./document.ts";
export type { ErrorEntry, ErrorFacts } from "./errors.ts";
