import { faultless, underLoad } from "../load.ts";
import type { Outcome, World } from "../world.ts";
import { together } from "./splits.ts";

/** Returns the result of `work`, and the problems of a load meanwhile, of which nothing may fail. */
export async function whileLoaded(world: World, work: (world: World) => Promise<Outcome[]>): Promise<Outcome> {
  const { result, load } = await underLoad(world, () => work(world));
  const { facts, problems = [] } = together(result);
  return { facts, load, problems: [...problems, ...faultless(load)] };
}
