import { Refusal } from "@kontor/config";
import type { World } from "./world.ts";

/** Marks a namespace as one that a rehearsal made, and may delete. */
const MARK = "kontor.dev/rehearsal";

/** Creates the namespace, which accepts only restricted pods. Returns the function that removes it with its contents. */
export async function openNamespace(world: World): Promise<() => Promise<void>> {
  if (!(await isOwn(world))) {
    const labels = {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
      [MARK]: "yes",
    };
    const metadata = { name: world.namespace, labels };
    await world.kube.run(["create", "--filename", "-"], {
      input: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata }),
    });
  }
  return () => removeNamespace(world);
}

/** Whether the namespace exists from an earlier run with --keep. @throws Refusal when no rehearsal created it */
export async function isOwn({ kube, namespace, options }: World): Promise<boolean> {
  const found = await kube.run(["get", "namespace", namespace, "--ignore-not-found", "--output", "json"]);
  if (found.trim() === "") return false;
  if (options.only.length > 0 && JSON.parse(found).metadata.labels?.[MARK] === "yes") return true;
  throw new Refusal(
    `The namespace ${namespace} exists. Choose another by --namespace, one that may be deleted at the end.`,
  );
}

export async function markOwn({ kube, namespace }: World): Promise<void> {
  await kube.run(["label", "namespace", namespace, `${MARK}=yes`]);
}

export async function removeNamespace({ kube, namespace }: World): Promise<void> {
  await kube.run(["delete", "namespace", namespace, "--timeout=180s"], { timeoutMs: 190_000 });
}
