import type { Install } from "./install.ts";
import { componentOf } from "./objects.ts";

/** Returns a setting of a component as its pods receive it, from a Secret if it is in one. */
export async function settingOf(install: Install, component: string, setting: string): Promise<string | undefined> {
  const workload = install.workloads.find((one) => componentOf(one) === component);
  const env = workload?.spec.template.spec.containers.find(({ name }) => name === component)?.env;
  const entry = env?.find(({ name }) => name === setting);
  const secret = entry?.valueFrom?.secretKeyRef;
  if (!secret) return entry?.value;
  const template = `go-template={{index .data "${secret.key}" | base64decode}}`;
  return install.kube.run(["get", "secret", secret.name, "--output", template]);
}
