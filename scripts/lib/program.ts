import { spawnSync } from "node:child_process";
import { Failure } from "../bootstrap/say.mjs";

/** Runs a program to its end and returns what it printed. Throws a Failure with its last line when it fails or takes too long. */
export function output(
  program: string,
  args: readonly string[],
  { seconds, env = {}, cwd }: { readonly seconds: number; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string },
): string {
  const done = spawnSync(program, args, {
    encoding: "utf8",
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
    env: { ...process.env, ...env },
    cwd,
    maxBuffer: 16 * 1024 * 1024,
  });
  const { code } = (done.error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOENT") throw new Failure(`${program} is not installed`);
  if (code === "ETIMEDOUT") throw new Failure(`${program} did not finish within ${seconds} s`);
  if (done.status === 0) return done.stdout;
  const complaint = `${done.stdout}\n${done.stderr}`.trim().split("\n").at(-1);
  throw new Failure(complaint || `${program} ended with ${done.status ?? done.signal}`);
}
