import { spawnSync } from "node:child_process";

/** Whether there is a promtool in PATH. */
export const hasPromtool = promtool("--version").works;

/** Runs promtool and returns its output. */
export function promtool(...args: string[]): { readonly works: boolean; readonly says: string } {
  const { status, stdout = "", stderr = "" } = spawnSync("promtool", args, { encoding: "utf8" });
  return { works: status === 0, says: `${stdout}${stderr}` };
}
