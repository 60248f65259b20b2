import type { Pod } from "@kontor/cli";
import { diagnose } from "../../acts/doctor.ts";
import { faultless, startLoad } from "../../load.ts";
import { podsOf } from "../../rollout.ts";
import { type Act, RELEASE, seconds } from "../../world.ts";
import { checkRetries } from "../retries.ts";
import { shapeShop } from "../shop.ts";

/** All policies are on: those of the network, and those of the mesh. */
export const takesOrders: Act = {
  name: "takes-orders",
  about:
    "the shop in a namespace that enforces restricted, with STRICT mTLS and both kinds of policies, takes orders at the edge",
  async run(world) {
    const start = performance.now();
    await shapeShop(world, "istio/values");
    const ready = seconds(start);
    await world.helm.run("test", RELEASE);
    const load = await startLoad(world);
    await load.flowing();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    const report = await load.stop();
    const pods = await podsOf(world);
    const bare = pods.filter((pod) => !hasProxy(pod)).map(({ metadata }) => metadata.name);
    const retries = await checkRetries(world);
    const { checks } = await diagnose(world);
    const findings = checks.flatMap((check) => check.findings.map((finding) => ({ ...finding, check: check.check })));
    const wrong = findings.filter(({ check, severity }) => severity === "error" || check === "policies");
    const problems = bare.map((name) => `${name} has no proxy.`);
    problems.push(...wrong.map(({ subject, problem }) => `The doctor found: ${subject}: ${problem}`));
    return {
      facts: {
        "findings of the doctor": findings.length,
        "to all pods ready, s": ready,
        "pods with a proxy": pods.length - bare.length,
        ...retries.facts,
      },
      load: report,
      problems: [...problems, ...(retries.problems ?? []), ...faultless(report)],
    };
  },
};

const hasProxy = ({ spec }: Pod) =>
  [...(spec.initContainers ?? []), ...spec.containers].some(({ name }) => name === "istio-proxy");
