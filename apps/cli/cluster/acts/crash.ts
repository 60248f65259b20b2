import { underLoad } from "../load.ts";
import type { Act } from "../world.ts";
import { killEach } from "./kill.ts";

/** Pods that end without a word, as on a node that dies. Requests under way may fail; what was accepted may not get lost. */
export const crash: Act = {
  name: "crash",
  about: "one pod of everything ended at once, without grace",
  async run(world) {
    const { result, load } = await underLoad(world, () => killEach(world, ["--force", "--grace-period=0"]));
    const lost = load.orders - load.confirmed;
    const problems = lost > 0 ? [`${lost} orders that were accepted were not confirmed.`] : [];
    return { facts: { "pods crashed": result, "requests that failed with them": load.failed }, load, problems };
  },
};
