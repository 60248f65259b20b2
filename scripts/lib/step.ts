import { spawnSync } from "node:child_process";

/** Runs a program with its output shown, and returns whether it succeeded. */
export function run(program: string, ...args: readonly string[]): boolean {
  const done = spawnSync(program, args, { stdio: "inherit" });
  if (done.error) console.error(`${program}: ${done.error.message}`);
  return done.status === 0;
}

/** Returns what a program prints, or undefined when it fails. */
export function ask(program: string, ...args: readonly string[]): string | undefined {
  const done = spawnSync(program, args, { encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

/** A step of a command. `work` returns whether it succeeded, or why it was skipped. */
interface Step {
  readonly title: string;
  work(): boolean | string;
}

/** Runs every step although one fails, with its title and time, and lists at the end what failed. */
export function runSteps(steps: readonly Step[]): void {
  const failed: string[] = [];
  for (const { title, work } of steps) {
    console.log(`\n▸ ${title}`);
    const began = performance.now();
    const outcome = work();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (typeof outcome === "string") console.log(`  skipped: ${outcome}`);
    else console.log(`  ${outcome ? "ok" : "FAILED"} in ${seconds} s`);
    if (outcome === false) failed.push(title);
  }
  const verdict = failed.length === 0 ? "\nAll checks passed." : `\nFailed: ${failed.join("; ")}.`;
  console.log(verdict);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
