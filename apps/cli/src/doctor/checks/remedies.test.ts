import { describe, expect, it } from "vitest";
import type { Install } from "../install.ts";
import { kubectl } from "../kubectl.ts";
import type { Pod, Workload } from "../objects.ts";
import { checkPods } from "./pods.ts";
import { checkPolicies } from "./policies.ts";
import { checkSecrets } from "./secrets.ts";

const upgrade = "helm upgrade kontor charts/kontor -n shop --reset-then-reuse-values";
const empty: Install = {
  kube: { ...kubectl({ namespace: "shop" }), run: async () => "", node: async () => "open\n" },
  namespace: "shop",
  release: "kontor",
  workloads: [],
  pods: [],
  services: [],
  volumes: [],
  policies: [],
  autoscalers: [],
};
const meta = (name: string) => ({
  name: `kontor-${name}`,
  namespace: "shop",
  labels: { "app.kubernetes.io/name": name },
});
const remediesOf = ({ findings }: { findings: readonly { remedy: string }[] }) => findings.map(({ remedy }) => remedy);

describe("remedies by helm", () => {
  it("enable the missing setting", async () => {
    expect(remediesOf(await checkPods(empty))).toContain(`Enable it: ${upgrade} --set orders.enabled=true`);
  });

  it("turn policies on", async () => {
    expect(remediesOf(await checkPolicies(empty))).toEqual([`${upgrade} --set networkPolicy.enabled=true`]);
  });

  it("make Secrets", async () => {
    const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "kontor-internal", key: "token" } } }];
    const template = { spec: { containers: [{ name: "orders", image: "orders", env }] } };
    const workload: Workload = {
      kind: "Deployment",
      metadata: meta("orders"),
      spec: { replicas: 1, template },
      status: {},
    };
    const [remedy] = remediesOf(await checkSecrets({ ...empty, workloads: [workload] }));
    expect(remedy?.split("\n")[0]).toBe(`With secrets.generate, Helm makes it: ${upgrade}`);
  });

  it("go to the cluster that was looked at", async () => {
    const there = { ...empty, kube: kubectl({ context: "far", namespace: "shop" }) };
    expect(remediesOf(await checkPods(there))[0]).toContain("charts/kontor --kube-context far -n shop");
  });
});

it("names the first version of kind that enforces policies", async () => {
  const ready = { phase: "Running", podIP: "10.0.0.1", conditions: [{ type: "Ready", status: "True" }] };
  const pod = (name: string): Pod => ({ kind: "Pod", metadata: meta(name), spec: { containers: [] }, status: ready });
  const pods = [pod("gateway"), pod("payments")];
  const policies = [{ kind: "NetworkPolicy" as const, metadata: meta("default-deny") }];
  const [remedy] = remediesOf(await checkPolicies({ ...empty, pods, policies }));
  expect(remedy).toContain("kindnet) does since kind 0.24");
});
