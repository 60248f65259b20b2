import { fileURLToPath } from "node:url";
import type { Result, Workload } from "@kontor/cli";
import { attempt } from "../run.ts";
import { type Act, RELEASE, until, type World } from "../world.ts";

const kontor = fileURLToPath(new URL("../../../cli/src/kontor.ts", import.meta.url));

/** Finds no fault in the shop, then finds a removed service, with the remedy. */
export const doctorPasses: Act = {
  name: "doctor",
  about: "kontor doctor, healthy and without a service",
  async run(world) {
    const deployment = `deployment/${RELEASE}-notifications`;
    const { errors, warnings, checks } = await diagnose(world);
    const problems = findingsOf(checks).map((text) => `The doctor found: ${text}`);
    const { spec } = await world.kube.get<Workload>(deployment);
    await world.kube.run(["scale", deployment, "--replicas=0"]);
    await until(
      "no pod of notifications",
      60_000,
      async () => !(await world.kube.run(["get", "pods", "-o", "name"])).includes("notifications"),
    );
    const ill = await diagnose(world, "--no-order");
    await world.kube.run(["scale", deployment, `--replicas=${spec.replicas}`]);
    await world.kube.run(["rollout", "status", deployment, "--timeout=120s"], { timeoutMs: 130_000 });
    if (!findingsOf(ill.checks).some((text) => text.includes("notifications") && text.includes("scaled to 0")))
      problems.push("The doctor did not see that notifications was scaled to 0.");
    return {
      facts: { checks: checks.length, errors, warnings, "errors once a service is removed": ill.errors },
      problems,
    };
  },
};

type Diagnosis = { errors: number; warnings: number; checks: Result[] };

export async function diagnose({ namespace, options }: World, ...more: string[]): Promise<Diagnosis> {
  const context = options.context ? ["--context", options.context] : [];
  const args = [kontor, "doctor", "--json", "--namespace", namespace, "--release", RELEASE, ...context, ...more];
  const { out, err } = await attempt(process.execPath, args);
  if (out.trim() === "") throw new Error(`The doctor reported only: ${err}`);
  return JSON.parse(out);
}

export function findingsOf(checks: readonly Result[]): string[] {
  const errors = checks.flatMap(({ findings }) => findings).filter(({ severity }) => severity === "error");
  return errors.map(({ subject, problem }) => `${subject}: ${problem}`);
}
