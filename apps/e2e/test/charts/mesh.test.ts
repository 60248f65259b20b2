import { readFileSync } from "node:fs";
import { serviceNames } from "@kontor/shop";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { chart, helms, objects, refusal, render, root } from "./helm.ts";
import { callGraph, type Manifest, manifests, meshValues, named } from "./mesh.ts";

const profiles = ["istio/values", "istio/values-gatewayapi", "istio/values-ambient", "linkerd/values"];
const canary = ["orders.canary.enabled=true", "orders.canary.image.tag=next", "orders.canary.weight=10"];
const header = ["orders.canary.header.name=kontor-variant", "orders.canary.header.value=next"];
const withCanary = [...canary, ...header].flatMap((value) => ["--set", value]);
const account = (principal: unknown) =>
  /^cluster\.local\/ns\/shop\/sa\/kontor-(.+)$/.exec(String(principal))?.[1] ?? "";

if (helms.length === 0)
  describe.skip("the chart in a mesh: skipped, for there is no helm in PATH", () => it("renders", () => {}));

describe.each(helms)("the chart in a mesh, by %s", (helm) => {
  it.each(profiles)("renders %s with a canary as the golden file has it", async (profile) => {
    const rendered = objects(render(helm, ...meshValues(profile), ...withCanary));
    const ours = rendered.filter((text) => /^apiVersion: \S*(istio|linkerd|gateway\.networking)\S*$/m.test(text));
    await expect(ours.join("---\n")).toMatchFileSnapshot(`${chart}/test/golden/${profile.replace("/", "-")}.yaml`);
  });

  it.each([
    ["ambient", ["kind=istio-ambient", "routes=virtualservice"], "istio-sidecar"],
    ["no mesh", ["routes=virtualservice"], "istio-sidecar"],
    ["Linkerd", ["kind=linkerd", "routes=virtualservice"], "istio-sidecar"],
  ])("refuses VirtualServices with %s", (_, values, why) => {
    const args = values.flatMap((value) => ["--set", `mesh.${value}`]);
    expect(refusal(helm, "--set", "global.discovery=mesh", ...args)).toContain(why);
  });

  it.each([
    ["a mesh together with callers that balance", ["--set", "mesh.kind=linkerd"], "discovery"],
    [
      "to repeat calls in apps that a mesh repeats",
      [...meshValues("linkerd/values"), "--set-string", "global.env.RPC_RETRIES=on"],
      "RPC_RETRIES",
    ],
    [
      "repetitions that no route can express",
      [...meshValues("istio/values"), "--set", "mesh.routes=gatewayapi"],
      "routes",
    ],
    ["a mesh of another name", ["--set", "mesh.kind=consul"], "kind"],
    ["more than all calls", ["--set", "orders.canary.weight=101"], "weight"],
  ])("refuses %s", (_, args, why) => {
    expect(refusal(helm, ...args)).toContain(why);
  });

  const noCaller = [
    ...["psp-simulator", "carrier-simulator", "test"].flatMap((name) => ["--set", `${name}.enabled=false`]),
    ...["--set", "mesh.gatewayFrom=null"],
  ];

  it.each(profiles)("refuses a gateway without callers with %s, and names the remedy", (profile) => {
    const said = refusal(helm, ...meshValues(profile), ...noCaller);
    expect(said).toContain("mesh.gatewayFrom: it is empty");
    expect(said).toContain("mesh.gatewayPlain=true");
  });

  it.each(profiles)("gives no empty list of callers where anyone is let in with %s", (profile) => {
    const all = manifests(render(helm, ...meshValues(profile), ...noCaller, "--set", "mesh.gatewayPlain=true"));
    const lists = all.flatMap(({ kind, spec }) => {
      if (kind === "MeshTLSAuthentication") return [spec.identityRefs];
      if (kind !== "AuthorizationPolicy") return [];
      return (spec.rules ?? []).flatMap((rule: Rule) => rule.from?.map(({ source }) => source.principals) ?? []);
    });
    expect(lists.length).toBeGreaterThan(7);
    for (const callers of lists) expect(callers).toEqual(expect.arrayContaining([expect.anything()]));
  });

  it("admits by Istio exactly the edges of the graph", () => {
    const all = manifests(render(helm, ...meshValues("istio/values")));
    const policies = all.filter(
      ({ kind, metadata }) => kind === "AuthorizationPolicy" && metadata.name !== "kontor-default-deny",
    );
    expect(edgesBy(policies, (policy) => principalsOf(policy).map(account))).toEqual(callGraph.edges);
    expect(named(all, "AuthorizationPolicy", "kontor-default-deny").spec).not.toHaveProperty("rules");
    expect(named(all, "PeerAuthentication", "kontor-default-deny").spec).toMatchObject({ mtls: { mode: "STRICT" } });
  });

  it("admits by Linkerd exactly the edges of the graph", () => {
    const all = manifests(render(helm, ...meshValues("linkerd/values")));
    const known = all.filter(({ kind }) => kind === "MeshTLSAuthentication");
    const accounts = ({ spec }: Manifest) =>
      spec.identityRefs.map(({ name }: { name: string }) => name.replace("kontor-", ""));
    expect(edgesBy(known, accounts).filter(([caller]) => caller !== "traefik")).toEqual(callGraph.edges);
    const targets = all.filter(({ kind }) => kind === "AuthorizationPolicy").map(({ spec }) => spec.targetRef);
    for (const { kind, name } of targets) expect(named(all, kind, name)).toBeDefined();
    for (const { spec } of all.filter(({ kind }) => kind === "Server")) expect(spec.accessPolicy).toBe("deny");
  });

  it("routes the calls of an ambient mesh by a waypoint, and admits no call that bypasses it", () => {
    const all = manifests(render(helm, ...meshValues("istio/values-ambient")));
    expect(principalsOf(named(all, "AuthorizationPolicy", "kontor-orders")).map(account)).toEqual(["waypoint"]);
    const atWaypoint = named(all, "AuthorizationPolicy", "kontor-orders-waypoint");
    expect(principalsOf(atWaypoint).map(account)).toEqual(["gateway", "notifications"]);
    expect(atWaypoint.spec.targetRefs).toEqual([{ group: "", kind: "Service", name: "kontor-orders" }]);
    const through = all.filter(
      ({ kind, metadata }) => kind === "Service" && "istio.io/use-waypoint" in metadata.labels,
    );
    expect(through.flatMap(({ spec }) => spec.ports[0].name)).toEqual(serviceNames.map(() => "grpc"));
  });

  it.each(profiles)("declares the protocol of each port with %s", (profile) => {
    const services = manifests(render(helm, ...meshValues(profile), ...withCanary)).filter(
      ({ kind }) => kind === "Service",
    );
    expect(services.length).toBeGreaterThan(12);
    for (const { spec } of services) {
      expect(spec.clusterIP === "None" ? spec.selector["app.kubernetes.io/name"] : "nats").toBe("nats");
      for (const { appProtocol } of spec.ports) expect(["kubernetes.io/h2c", "http", "tcp"]).toContain(appProtocol);
    }
  });

  it.each([
    ["istio/values", 15012],
    ["istio/values-gatewayapi", 15012],
    ["linkerd/values", 8086],
  ])("permits proxies of %s to reach their control plane", (profile, port) => {
    const policy = named(manifests(render(helm, ...meshValues(profile))), "NetworkPolicy", "kontor-default-deny");
    expect(JSON.stringify(policy.spec.egress)).toContain(`"port":${port}`);
  });

  it.each([
    ["istio/values-ambient", 15008],
    ["linkerd/values", 4143],
  ])("permits proxies of %s to reach each other at every edge", (profile, port) => {
    const all = manifests(render(helm, ...meshValues(profile)));
    const { ingress } = named(all, "NetworkPolicy", "kontor-orders").spec;
    expect(ingress[0].ports).toEqual([
      { protocol: "TCP", port: 50051 },
      { protocol: "TCP", port },
    ]);
  });

  it("leaves routes to another owner on demand, but not their Services", () => {
    const all = manifests(
      render(helm, ...meshValues("istio/values-gatewayapi"), ...withCanary, "--set", "mesh.routes=none"),
    );
    expect(all.filter(({ kind }) => /Route$|VirtualService/.test(kind))).toEqual([]);
    for (const track of ["stable", "canary"])
      expect(named(all, "Service", `kontor-orders-${track}`).spec.selector.track).toBe(track);
  });
});

describe("the picture of the graph in the guide", () => {
  it("shows the edges of the file", () => {
    const guide = readFileSync(`${root}/docs/guides/mesh.md`, "utf8");
    const picture = /```mermaid\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
    const nodes = (text: string) => text.split("&").map((node) => node.trim());
    const edges = [...picture.matchAll(/^ {2}(.+?) --> (.+)$/gm)].flatMap(([, from = "", to = ""]) =>
      nodes(from).flatMap((caller) => nodes(to).map((callee) => [caller, callee])),
    );
    expect(edges.sort()).toEqual(callGraph.edges);
  });

  it("is read from the file the charts read", () => {
    expect(parse(readFileSync(`${chart}/files/call-graph.yaml`, "utf8")).calls.orders).toContain("payments");
  });
});

function edgesBy(list: readonly Manifest[], callers: (manifest: Manifest) => string[]): string[][] {
  const app = ({ metadata }: Manifest) => metadata.labels["app.kubernetes.io/name"] ?? "";
  return list
    .flatMap((each) =>
      callers(each)
        .filter((name) => name !== "edge-istio")
        .map((caller) => [caller, app(each)]),
    )
    .sort();
}

type Rule = { readonly from?: { readonly source: { readonly principals: string[] } }[] };

function principalsOf({ spec }: Manifest): string[] {
  return (spec.rules as Rule[]).flatMap(({ from }) => from?.flatMap(({ source }) => source.principals) ?? []);
}
