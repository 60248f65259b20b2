import { join } from "node:path";

/** Where Node keeps what it made of our sources: no process compiles them again. */
export const compileCache = (dataDir: string): string =>
  process.env.NODE_COMPILE_CACHE ?? join(dataDir, "cache", "compiled");
