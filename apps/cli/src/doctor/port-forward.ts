import { type ChildProcess, spawn } from "node:child_process";
import { onInterrupt } from "./on-interrupt.ts";

const PATIENCE_MS = 15_000;

/** Forwards ports until `work` ends. Throws the error of kubectl if it forwards none in time. */
export async function forwarded<T>(
  args: readonly string[],
  work: (port: number) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  // Detached: Ctrl-C in the terminal is for this process, and `work` may need the port to clean up.
  const child = spawn("kubectl", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const withdraw = onInterrupt(() => child.kill());
  try {
    return await work(await localPort(child, `kubectl ${args.join(" ")}`, patienceMs));
  } finally {
    child.kill();
    withdraw();
  }
}

function localPort(child: ChildProcess, command: string, patienceMs: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const said = { out: "", err: "" };
  const complaint = () => said.err.trim() || said.out.trim() || "it printed nothing";
  child.stderr?.on("data", (chunk) => {
    said.err += chunk;
  });
  child.stdout?.on("data", (chunk) => {
    said.out += chunk;
    const [, port] = /Forwarding from 127\.0\.0\.1:(\d+)\D/.exec(said.out) ?? [];
    if (port) resolve(Number(port));
  });
  child.on("error", reject);
  child.on("close", () => reject(new Error(`${command}: ${complaint()}`)));
  const tooLate = () => reject(new Error(`${command} forwarded nothing within ${patienceMs / 1000} s: ${complaint()}`));
  const timer = setTimeout(tooLate, patienceMs);
  return promise.finally(() => clearTimeout(timer));
}
