import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** How many lines of a log an error shows. */
const SHOWN = 20;

/**
 * Resolves when a server has logged that it is ready. Passes each line to `onLine`, also later ones. Throws with the first lines if the server
 * ends before.
 */
export async function untilReady(
  name: string,
  server: ChildProcess & { readonly stderr: Readable },
  ready: string,
  onLine: (line: string) => void,
): Promise<void> {
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface(server.stderr).on("line", (line) => {
      onLine(line);
      if (log.length < SHOWN) log.push(line);
      if (line.includes(ready)) resolve();
    });
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`${name} did not start:\n${log.join("\n")}`)));
  });
}
