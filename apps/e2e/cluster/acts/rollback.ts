import { faultless, underLoad } from "../load.ts";
import { tagsRunning } from "../rollout.ts";
import { type Act, RELEASE, TAGS } from "../world.ts";
import { watched } from "./upgrade.ts";

export const rollback: Act = {
  name: "rollback",
  about: "helm rollback under load",
  async run(world) {
    if ((await tagsRunning(world)).has(TAGS.first)) {
      await world.helm.upgrade({ replicas: 2 });
      await world.helm.upgrade({ tag: TAGS.second, replicas: 2 });
    }
    const back = () => world.helm.run("rollback", RELEASE, "--wait", "--timeout", "10m");
    const { result, load } = await underLoad(world, () => watched(world, back));
    const problems = [...faultless(load), ...result.problems];
    const only = await tagsRunning(world);
    if (only.size !== 1 || !only.has(TAGS.first)) problems.push(`After the rollback pods run ${[...only].join(", ")}.`);
    return { facts: result.facts, load, problems };
  },
};
