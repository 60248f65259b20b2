import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** How a process ended: by a signal, else with an exit code. */
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** Resolves when the process has exited. Must be called before it does. */
export async function howEnded(child: ChildProcess): Promise<Ended> {
  const [code, signal] = await once(child, "exit");
  return { code, signal };
}
