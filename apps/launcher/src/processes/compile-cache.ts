import { join } from "node:path";

/** The folder of Node's compile cache: no process compiles the sources again. */
export const compileCache = (dataDir: string): string =>
  process.env.NODE_COMPILE_CACHE ?? join(dataDir, "cache", "compiled");
