import { lost, underLoad } from "../load.ts";
import type { Act } from "../world.ts";
import { killEach } from "./kill.ts";

/** Ends pods without a signal, like a crashed node. Requests in flight may fail; accepted orders must not be lost. */
export const crash: Act = {
  name: "crash",
  about: "one pod of everything ended at once, without grace",
  async run(world) {
    const { result, load } = await underLoad(world, () => killEach(world, ["--force", "--grace-period=0"]));
    const missing = load.orders - load.confirmed;
    const problems = missing > 0 ? [lost(missing, load.orders, load.unconfirmed)] : [];
    return { facts: { "pods crashed": result, "requests that failed with them": load.failed }, load, problems };
  },
};
