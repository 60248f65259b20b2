import { writeFileSync } from "node:fs";
import { messageOf } from "@kontor/cli";
import { Refusal, runCommand } from "@kontor/config";
import { green, progress, red, yellow } from "@kontor/launcher";
import { type Played, showAct, table } from "./report.ts";
import { type Act, type Outcome, seconds, type World } from "./world.ts";

/** Runs a rehearsal as a separate process, whose exit code shows whether all acts passed. */
export async function asProcess(rehearsal: () => Promise<boolean>): Promise<void> {
  await runCommand(async () => ((await rehearsal()) ? 0 : 1));
}

/** Runs the rehearsal, and then removes its objects, also after a failure. */
export async function thenClose<T>({ options, say }: World, close: () => Promise<void>, work: () => Promise<T>) {
  try {
    return await work();
  } finally {
    if (!options.keep) {
      say(`removing the namespace ${options.namespace}`);
      await close();
    }
  }
}

/** Plays the acts. Reports them, with `facts` also in the file of --json. Returns whether all acts passed. */
export async function playAll(world: World, acts: readonly Act[], facts: Record<string, unknown>): Promise<boolean> {
  const { json } = world.options;
  if (acts.length === 0) throw new Refusal("There is nothing to play: the shop is installed.");
  const played: Played[] = [];
  for (const act of acts) {
    progress(`${act.name}: ${act.about}`);
    const result = await play(act, world);
    console.log(showAct(result));
    played.push(result);
    if (result.ends) break;
  }
  console.log(`\n${table(played)}`);
  const failed = played.filter(({ problems = [] }) => problems.length > 0).map(({ act }) => act);
  if (json) writeFileSync(json, `${JSON.stringify({ ...facts, failed, acts: played }, null, 2)}\n`);
  const skipped = played.filter((one) => one.skipped).map(({ act }) => act);
  if (skipped.length > 0) console.log(yellow(`\nNot tried: ${skipped.join(", ")}.`));
  console.log(failed.length === 0 ? green("\nAll acts passed.") : red(`\nFailed: ${failed.join(", ")}.`));
  return failed.length === 0;
}

/** An act that throws is one problem; the others still run, unless the shop is missing. */
async function play(act: Act, world: World): Promise<Played> {
  const start = performance.now();
  const outcome = await act.run(world).catch((error: unknown): Outcome => {
    const ends = act.essential === true || error instanceof Refusal;
    return { facts: {}, problems: [messageOf(error)], ends };
  });
  return { act: act.name, tookSeconds: seconds(start), ...outcome };
}
