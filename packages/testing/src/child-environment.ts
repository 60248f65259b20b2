/**
 * Returns the environment of a process that a test starts: these variables, the search path and the cache of compiled code, which
 * halves the time that a service takes to start. Other variables of the test are left out.
 *
 * ```ts
 * import { spawn } from "node:child_process";
 * spawn(process.execPath, ["main.ts"], { env: childEnvironment({ GRPC_PORT: "0" }) });
 * ```
 */
export function childEnvironment(variables: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { PATH, NODE_COMPILE_CACHE, ...variables };
}
