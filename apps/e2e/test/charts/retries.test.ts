import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { yaml } from "../delivery/files.ts";
import { chart, helms, render, root } from "./helm.ts";
import { meshValues } from "./mesh.ts";

const shops = ["values", "values-minimal", "values-production"];
const meshes = ["istio/values", "istio/values-gatewayapi", "istio/values-ambient", "linkerd/values"];
const canary = [
  "--set",
  "orders.canary.enabled=true,orders.canary.weight=50,orders.canary.header.name=v,orders.canary.header.value=n",
];
const installed = "k8s/istio/mesh.yaml";
const { calls } = yaml<{ calls: Record<string, string[]> }>("charts/kontor/files/call-graph.yaml");
/** Calls by gRPC. Next to them, two simulators are called and call back. */
const rpcs = Object.values(calls).flat().length;
const all = rpcs + 4;

/** What the check says of a rendered chart, and of what else is in the cluster. */
function check(rendered: string, ...files: string[]) {
  const args = ["scripts/check-retries.mjs", "-", ...files];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    input: rendered,
    encoding: "utf8",
  });
  return { status, edges: stdout.trim().split("\n"), complaint: stderr.trim() };
}

describe.skipIf(helms.length === 0)("repeating calls", () => {
  const helm = helms[0] ?? "helm";

  it.each(shops.flatMap((shop) => ["", ...meshes].map((mesh) => [shop, mesh] as const)))(
    "is done by app or mesh and never by both in %s %s",
    (shop, mesh) => {
      const args = mesh === "" ? [] : meshValues(mesh);
      const { status, edges, complaint } = check(
        render(helm, "--values", `${chart}/${shop}.yaml`, ...args, ...canary),
        installed,
      );
      expect({ status, complaint }).toEqual({ status: 0, complaint: "" });
      const byMesh = edges.filter((edge) => edge.includes("mesh")).length;
      expect(byMesh).toBe(mesh === "istio/values" || mesh === "linkerd/values" ? rpcs : 0);
      expect(edges).toHaveLength(shop === "values-production" ? rpcs : all);
    },
  );

  it("is caught where an app repeats what the mesh does", () => {
    const on = ["--set-string", "catalog.env.RPC_RETRIES=on"];
    const { status, edges } = check(render(helm, ...meshValues("istio/values"), ...on), installed);
    expect(status).toBe(1);
    expect(edges.filter((edge) => edge.includes("AND"))).toEqual(["catalog → users: app AND mesh (2×)"]);
  });

  it("is caught where Istio does it by its own default, which the shop cannot see", () => {
    const { status, complaint } = check(render(helm, ...meshValues("istio/values-gatewayapi")));
    expect(status).toBe(1);
    expect(complaint).toContain(`${all} of ${all} edges`);
  });

  it("is caught where a mesh repeats what the contract does not allow", () => {
    const everything = render(helm, ...meshValues("istio/values")).replaceAll(
      "retries: { attempts: 0 }",
      "retries: { attempts: 1 }",
    );
    expect(check(everything, installed).edges).toContain(
      "gateway → orders: mesh (2×); NOT REPEATABLE: /shop.orders.v1.OrdersService/WatchOrder; NOT REPEATABLE: /shop.orders.v1.OrdersService/AnythingElse",
    );
  });

  it("cannot be said of manifests without the shop", () => {
    expect(check("kind: ConfigMap\nmetadata: { name: other }\napiVersion: v1\n").status).toBe(1);
  });
});
