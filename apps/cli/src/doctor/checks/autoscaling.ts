import { doubtful, type Finding, type Verdict, wrong } from "../finding.ts";
import type { Install } from "../install.ts";
import { conditionOf } from "../objects.ts";

/** Checks that the autoscalers receive their metrics. */
export async function checkAutoscaling({ autoscalers, kube }: Install): Promise<Verdict> {
  const findings = autoscalers.flatMap(({ metadata, spec, status }): Finding[] => {
    const subject = `hpa/${metadata.name}`;
    const active = conditionOf(status?.conditions, "ScalingActive");
    const able = conditionOf(status?.conditions, "AbleToScale");
    const look = kube.typed(`describe ${subject}`);
    if (active?.status === "False" && active.reason !== "ScalingDisabled") {
      const remedy = `Install metrics-server (kubectl top pods must respond); a pod that has just started has no metrics yet. More: ${look}`;
      return [wrong(subject, `It does not see its metrics: ${active.message}`, remedy)];
    }
    if (able?.status === "False") return [wrong(subject, `It cannot scale: ${able.message}`, `More: ${look}`)];
    if ((status?.currentReplicas ?? 0) < spec.maxReplicas) return [];
    const problem = `It is at its maximum of ${spec.maxReplicas} pods.`;
    return [doubtful(subject, problem, `If it remains at the limit, raise autoscaling.max. More: ${look}`)];
  });
  return { seen: autoscalers.length === 0 ? "none here" : `${autoscalers.length} autoscalers`, findings };
}
