export { createClient } from "./client.ts";
export { ClientError, type FieldProblem, type Problem } from "./errors.ts";
export type { Api, CallOptions, ClientOptions, Operation, StreamOptions, TokenSource } from "./operation.ts";
export { createSession, type Session, type SessionOptions, type TokenStore, type Tokens, webStore } from "./session.ts";
