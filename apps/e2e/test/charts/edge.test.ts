import { describe, expect, it } from "vitest";
import { helms, render } from "./helm.ts";
import { manifests, named } from "./mesh.ts";

if (helms.length === 0)
  describe.skip("the edge of a cluster: skipped, for there is no helm in PATH", () => it("renders", () => {}));

const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);

describe.each(helms)("the edge of a cluster, by %s", (helm) => {
  it("is an Ingress with class and certificate", () => {
    const values = ["enabled=true", "className=nginx", "tlsSecret=shop-tls"].map((one) => `edge.ingress.${one}`);
    const all = manifests(render(helm, ...set(...values, "edge.hostnames[0]=shop.example.com")));
    const { spec } = named(all, "Ingress", "kontor-gateway");
    expect(spec.ingressClassName).toBe("nginx");
    expect(spec.tls).toEqual([{ secretName: "shop-tls", hosts: ["shop.example.com"] }]);
    expect(spec.rules).toHaveLength(1);
    expect(spec.rules[0]).toMatchObject({
      host: "shop.example.com",
      http: { paths: [{ path: "/", pathType: "Prefix" }] },
    });
    expect(render(helm)).not.toContain("kind: Ingress\n");
  });

  it("is one listener of a Gateway, where one is named", () => {
    const all = manifests(render(helm, ...set("edge.gateway.name=public,edge.gateway.sectionName=https")));
    const [parent] = named(all, "HTTPRoute", "kontor-gateway-edge").spec.parentRefs;
    expect(parent).toEqual({ name: "public", sectionName: "https" });
  });

  it("is believed about addresses where values name it", () => {
    const gateway = named(
      manifests(render(helm, ...set("global.trustedProxies={10.0.0.0/8,fd00::/8}"))),
      "Deployment",
      "kontor-gateway",
    ).spec.template.spec.containers[0];
    expect(gateway.env).toContainEqual({ name: "TRUSTED_PROXIES", value: "10.0.0.0/8,fd00::/8" });
    expect(render(helm)).not.toContain("TRUSTED_PROXIES");
  });

  it("does not shut out the simulators and the test of the chart", () => {
    const from = { namespaceSelector: { matchLabels: { ingress: "yes" } } };
    const all = manifests(
      render(helm, ...set("networkPolicy.gatewayFrom[0].namespaceSelector.matchLabels.ingress=yes,seed.enabled=true")),
    );
    const { ingress } = named(all, "NetworkPolicy", "kontor-gateway").spec;
    const admitted = ingress
      .filter(({ ports }: { ports: { port: number }[] }) => ports[0]?.port === 8080)
      .flatMap((rule: { from: { podSelector?: { matchLabels: Record<string, string> } }[] }) => rule.from);
    const names = admitted.flatMap(
      ({ podSelector }: { podSelector?: { matchLabels: Record<string, string> } }) =>
        podSelector?.matchLabels["app.kubernetes.io/name"] ?? [],
    );
    expect(admitted).toContainEqual(from);
    expect(names.sort()).toEqual(["carrier-simulator", "psp-simulator", "seed", "test"]);
  });
});

describe.each(helms)("a simulator, by %s", (helm) => {
  it.each(["psp-simulator", "carrier-simulator", "mail-sink"])(
    "%s has one pod on its file, wherever it runs",
    (name) => {
      const { spec } = named(manifests(render(helm)), "StatefulSet", `kontor-${name}`);
      expect(spec.replicas).toBe(1);
      expect(spec.template.spec.volumes).toContainEqual({
        name: "data",
        persistentVolumeClaim: { claimName: `kontor-${name}` },
      });
      const [alone] = spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
      expect(alone).toEqual({
        topologyKey: "kubernetes.io/os",
        labelSelector: {
          matchLabels: spec.template.metadata.labels && {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/instance": "kontor",
          },
        },
      });
      expect(spec.template.metadata.labels).toMatchObject(alone.labelSelector.matchLabels);
    },
  );

  it("is no Deployment, which starts another pod before the one before has ended", () => {
    const names = manifests(render(helm))
      .filter(({ kind }) => kind === "Deployment")
      .map(({ metadata }) => metadata.name);
    expect(names.filter((name) => /simulator|mail-sink/.test(name))).toEqual([]);
  });
});
