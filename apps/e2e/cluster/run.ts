import { spawn } from "node:child_process";
import { Refusal } from "@kontor/config";

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

export type RunOptions = {
  readonly env?: Record<string, string>;
  readonly input?: string;
  readonly cwd?: string;
  readonly timeoutMs?: number;
};

/** Runs a program to its end. Throws its output when it fails. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, out, err } = await attempt(program, args, options);
  if (code === 0) return out;
  throw new Error(
    `${program} ${args.slice(0, 4).join(" ")} … ended with ${code}:\n${(err || out).trim().slice(-3_000)}`,
  );
}

/** The same, but also returns after a failure. */
export function attempt(
  program: string,
  args: readonly string[],
  { env, input = "", cwd, timeoutMs = 900_000 }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, cwd, timeout: timeoutMs });
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.err += text;
    });
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new Refusal(`${program} is not in PATH.`, { cause: error }) : error),
    );
    child.on("close", (code) => resolve({ code: code ?? 1, ...said }));
    child.stdin.on("error", () => undefined).end(input);
  });
}
