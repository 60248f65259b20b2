import { componentOf } from "@kontor/cli";
import { faultless, underLoad } from "../load.ts";
import { isReady, podsOf } from "../rollout.ts";
import { type Act, OURS, until, type World } from "../world.ts";

/** Deletes one of two pods of everything, one after the other, as a drained node would. */
export const kill: Act = {
  name: "kill",
  about: "one pod of the gateway and of each service deleted under load",
  async run(world) {
    const { result, load } = await underLoad(world, () => killEach(world, []));
    return { facts: { "pods deleted": result }, load, problems: faultless(load) };
  },
};

/** Returns their number. `how` are options of kubectl delete. */
export async function killEach(world: World, how: readonly string[], names = OURS): Promise<number> {
  for (const name of names) {
    const [victim] = (await podsOf(world)).filter((pod) => componentOf(pod) === name);
    if (!victim) throw new Error(`There is no pod of ${name}.`);
    world.say(`deleting ${victim.metadata.name}`);
    await world.kube.run(["delete", "pod", victim.metadata.name, "--wait=false", ...how]);
    await until(`two other pods of ${name}`, 120_000, async () => {
      const others = (await podsOf(world)).filter((pod) => componentOf(pod) === name && isReady(pod));
      return others.length === 2 && others.every(({ metadata }) => metadata.name !== victim.metadata.name);
    });
  }
  return names.length;
}
