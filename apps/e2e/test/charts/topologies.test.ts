import { groupsOf, serviceNames } from "@kontor/shop";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { chart, helms, objects, refusal, render } from "./helm.ts";

type Variable = { readonly name: string; readonly value?: string };
type Labels = Record<string, string>;
type Manifest = {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: Labels;
    readonly podSelector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly initContainers?: readonly { readonly env: readonly Variable[] }[];
        readonly containers: readonly { readonly image: string; readonly env: readonly Variable[] }[];
      };
    };
  };
};

const [helm = "helm"] = helms;

function manifests(...args: string[]): Manifest[] {
  return parseAllDocuments(render(helm, ...args)).flatMap((each) => (each.toJS() as Manifest | null) ?? []);
}

const ofKind = (all: readonly Manifest[], kind: string) => all.filter((each) => each.kind === kind);
const byName = (all: readonly Manifest[], name: string) =>
  all.find(({ metadata }) => metadata.name === `kontor-${name}`);

function environmentOf(deployment: Manifest | undefined): Record<string, string | undefined> {
  const env = deployment?.spec.template.spec.containers[0]?.env ?? [];
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

const isSelected = (selector: Labels, labels: Labels) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

describe.skipIf(helms.length === 0)("the chart's topology", () => {
  it.each(["one", "grouped"])("%s renders its changes as in the golden file", async (kind) => {
    const usual = new Set(objects(render(helm)));
    const changed = objects(render(helm, "--values", `${chart}/test/values-${kind}.yaml`)).filter(
      (each) => !usual.has(each),
    );
    await expect(changed.join("---\n")).toMatchFileSnapshot(`${chart}/test/golden/values-${kind}.yaml`);
  });

  it.each(["one", "grouped", "many"] as const)(
    "%s has the Deployments of npm start, and each app has its Service",
    (kind) => {
      const all = manifests("--set", `global.topology.kind=${kind}`);
      const deployments = ofKind(all, "Deployment");
      const names = groupsOf(kind).map(({ name }) => `kontor-${name}`);
      expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual([...names].sort());
      for (const app of [...serviceNames, "gateway"]) {
        const service = byName(ofKind(all, "Service"), app);
        const selected = deployments.filter(({ spec }) =>
          isSelected(service?.spec.selector ?? {}, spec.template.metadata.labels),
        );
        expect(selected, app).toHaveLength(1);
        const policy = byName(ofKind(all, "NetworkPolicy"), app)?.spec.podSelector.matchLabels ?? {};
        const guarded = deployments.filter(({ spec }) => isSelected(policy, spec.template.metadata.labels));
        expect(guarded).toEqual(selected);
      }
      for (const { metadata, spec } of deployments) expect(spec.template.spec.serviceAccountName).toBe(metadata.name);
    },
  );

  it("one gives each service of the pod its own database and user of NATS, and names each variable once", () => {
    const shop = byName(ofKind(manifests("--set", "global.topology.kind=one"), "Deployment"), "shop");
    const env = environmentOf(shop);
    const names = shop?.spec.template.spec.containers[0]?.env.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(names.length);
    expect(shop?.spec.template.spec.containers[0]?.image).toBe("kontor/host:dev");
    for (const service of serviceNames) {
      const prefix = `${service.toUpperCase()}__`;
      expect(names).toEqual(expect.arrayContaining([`${prefix}DATABASE_URL`, `${prefix}NATS_PASSWORD`]));
      expect(env[`${prefix}DATABASE_CONNECTIONS`]).toMatch(/^[234]$/);
      const migrated = shop?.spec.template.spec.initContainers?.[0]?.env.map(({ name }) => name);
      expect(migrated).toEqual(expect.arrayContaining(["KONTOR_APPS", `${prefix}DATABASE_OWNER_URL`]));
    }
    expect(env.INVENTORY_ADDRESS).toBe("in-process:///inventory");
    expect(env.GATEWAY__GATEWAY_UPSTREAMS).toContain('OrdersService":"in-process:///orders"');
  });

  it("permits calls between a separate service and the pods of its group", () => {
    const all = manifests("--set", "global.topology.kind=one", "--set", "global.topology.apart={orders}");
    const deployments = ofKind(all, "Deployment");
    expect(environmentOf(byName(deployments, "orders")).INVENTORY_ADDRESS).toBe(
      "dns:///kontor-inventory-headless:50051",
    );
    const env = environmentOf(byName(deployments, "shop"));
    expect(env.GATEWAY__GATEWAY_UPSTREAMS).toContain('OrdersService":"dns:///kontor-orders-headless:50051"');
    expect(JSON.parse(env.INVENTORY__SERVICE_GROUPS ?? "")).toEqual({
      shop: serviceNames.filter((name) => name !== "orders").sort(),
    });
  });

  it("runs a service that moves in both places, each of which its Service selects", () => {
    const all = manifests("--set", "global.topology.kind=one", "--set", "global.topology.moving={orders}");
    const selector = byName(ofKind(all, "Service"), "orders")?.spec.selector ?? {};
    const selected = ofKind(all, "Deployment").filter(({ spec }) =>
      isSelected(selector, spec.template.metadata.labels),
    );
    expect(selected.map(({ metadata }) => metadata.name).sort()).toEqual(["kontor-orders", "kontor-shop"]);
  });

  it("refuses a mesh, and autoscaling of a service without separate pods", () => {
    const one = ["--set", "global.topology.kind=one"];
    expect(refusal(helm, ...one, "--set", "orders.autoscaling.enabled=true")).toContain("its group shop");
    const mesh = ["--set", "mesh.kind=linkerd", "--set", "global.discovery=mesh"];
    expect(refusal(helm, ...one, ...mesh)).toContain("Choose many, or mesh.kind none");
  });
});
