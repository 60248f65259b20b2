import { type Verdict, wrong } from "../finding.ts";
import type { Install } from "../install.ts";

/** Whether every claim of a volume has one. */
export async function checkVolumes({ volumes, kube }: Install): Promise<Verdict> {
  const bad = volumes.filter(({ status }) => status.phase !== "Bound");
  return {
    seen: volumes.length === 0 ? "no volumes here" : `${volumes.length - bad.length} of ${volumes.length} bound`,
    findings: bad.map(({ metadata, spec, status }) => {
      const subject = `persistentvolumeclaim/${metadata.name}`;
      const wanted = spec.storageClassName ? `the StorageClass ${spec.storageClassName}` : "a default StorageClass";
      const remedy = `It needs ${wanted} that can serve it: kubectl get storageclass\nSee its events: ${kube.typed(`describe ${subject}`)}`;
      return wrong(subject, `It is ${status.phase}, so its pod waits.`, remedy);
    }),
  };
}
