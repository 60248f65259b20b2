import { messageOf } from "@kontor/cli";
import { faultless, startLoad } from "../load.ts";
import { rolledOut } from "../rollout.ts";
import { type Act, RELEASE, seconds, type World } from "../world.ts";

const NAME = "rehearsal";

/** Pods without a limit of CPU are refused there, and Helm would report an install without pods as deployed. */
export const quota: Act = {
  name: "quota",
  about: "a ResourceQuota on limits.cpu: helm install is refused with the value to set, and succeeds with it",
  async run(world) {
    const { kube, helm } = world;
    const spec = { hard: { "limits.cpu": "64" } };
    await kube.run(["apply", "--server-side", "--filename", "-"], {
      input: JSON.stringify({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: NAME }, spec }),
    });
    try {
      const problems = await refusal(world);
      const start = performance.now();
      await helm.install({ set: ["global.resources.limits.cpu=1"] });
      const load = await startLoad(world, 5);
      await load.flowing(300_000);
      const facts = { "to the first order, s": seconds(start) };
      await rolledOut(world);
      const report = await load.stop();
      await helm.run("uninstall", RELEASE, "--wait", "--timeout", "5m");
      return { facts, load: report, problems: [...faultless(report), ...problems] };
    } finally {
      await kube.run(["delete", "resourcequota", NAME]);
    }
  },
};

/** Returns the faults of the chart's refusal of an install without limits. */
async function refusal({ helm }: World): Promise<string[]> {
  const message = await helm.install({}).then(() => "", messageOf);
  const names = ["limits.cpu", NAME, "--set-string global.resources.limits.cpu=1"];
  const missing = names.filter((name) => !message.includes(name));
  const problems = missing.map((name) => `helm install did not mention ${name}: ${message || "it succeeded"}`);
  if (await helm.installed()) {
    problems.push("The refused install left a release.");
    await helm.run("uninstall", RELEASE, "--wait", "--timeout", "5m");
  }
  return problems;
}
