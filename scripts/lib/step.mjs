import { spawnSync } from "node:child_process";

/** Runs a program with its output shown. Answers whether it succeeded. */
export function run(program, ...args) {
  const done = spawnSync(program, args, { stdio: "inherit" });
  if (done.error) console.error(`${program}: ${done.error.message}`);
  return done.status === 0;
}

/** What a program prints, or undefined when it fails. */
export function ask(program, ...args) {
  const done = spawnSync(program, args, { encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

/**
 * Runs every step although one fails, with its title and time, and lists at the end what failed.
 * A step answers true, false, or a sentence that says why it was skipped.
 */
export function runSteps(steps) {
  const failed = [];
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
