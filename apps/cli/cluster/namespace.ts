import { Refusal } from "../src/launcher/refusal.ts";
import type { World } from "./world.ts";

/** Makes the namespace, which takes restricted pods only. Answers how to remove it with all that is in it. */
export async function openNamespace({ kube, namespace, options }: World): Promise<() => Promise<void>> {
  const there =
    (await kube.run(["get", "namespace", namespace, "--ignore-not-found", "--output", "name"])).trim() !== "";
  if (there && options.only.length === 0)
    throw new Refusal(
      `The namespace ${namespace} exists. Choose another by --namespace, or: kubectl delete namespace ${namespace}`,
    );
  if (!there) {
    const labels = {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
    };
    const metadata = { name: namespace, labels };
    await kube.run(["create", "--filename", "-"], {
      input: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata }),
    });
  }
  return async () => {
    await kube.run(["delete", "namespace", namespace, "--timeout=180s"], { timeoutMs: 190_000 });
  };
}
