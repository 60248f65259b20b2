import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CallGraph, retryReport } from "../../../../scripts/check-retries/edges.ts";
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
const graph = yaml<CallGraph>("charts/kontor/files/call-graph.yaml");
/** Calls by gRPC. Next to them, two simulators are called and call back. */
const rpcs = Object.values(graph.calls).flat().length;
const all = rpcs + 4;

/** Returns the report of the check for a rendered chart and further objects of the cluster. */
const check = (rendered: string, ...files: string[]) =>
  retryReport([rendered, ...files.map((file) => readFileSync(`${root}/${file}`, "utf8"))], graph);

describe.skipIf(helms.length === 0)("repeating calls", () => {
  const helm = helms[0] ?? "helm";

  it.each(shops.flatMap((shop) => ["", ...meshes].map((mesh) => [shop, mesh] as const)))(
    "is done by app or mesh and never by both in %s %s",
    (shop, mesh) => {
      const args = mesh === "" ? [] : meshValues(mesh);
      const { lines, problems } = check(
        render(helm, "--values", `${chart}/${shop}.yaml`, ...args, ...canary),
        installed,
      );
      expect(problems).toEqual([]);
      const byMesh = lines.filter((line) => line.includes("mesh")).length;
      expect(byMesh).toBe(mesh === "istio/values" || mesh === "linkerd/values" ? rpcs : 0);
      expect(lines).toHaveLength(shop === "values-production" ? rpcs : all);
    },
  );

  it("is found where an app repeats the same calls as the mesh", () => {
    const on = ["--set-string", "catalog.env.RPC_RETRIES=on"];
    const { lines, problems } = check(render(helm, ...meshValues("istio/values"), ...on), installed);
    expect(problems).toHaveLength(1);
    expect(lines.filter((line) => line.includes("AND"))).toEqual(["catalog → users: app AND mesh (2×)"]);
  });

  it("is caught where Istio does it by its own default, which the shop cannot see", () => {
    const { problems } = check(render(helm, ...meshValues("istio/values-gatewayapi")));
    expect(problems.join()).toContain(`${all} of ${all} edges`);
  });

  it("is found where a mesh repeats calls that the contract does not allow", () => {
    const everything = render(helm, ...meshValues("istio/values")).replaceAll(
      "retries: { attempts: 0 }",
      "retries: { attempts: 1 }",
    );
    const found = check(everything, installed).lines.find((line) => line.startsWith("gateway → orders: mesh (2×)"));
    for (const method of ["WatchOrder", "AnythingElse"])
      expect(found).toContain(`NOT REPEATABLE: /shop.orders.v1.OrdersService/${method}`);
  });

  it("cannot be checked for manifests without the shop", () => {
    const input = "kind: ConfigMap\nmetadata: { name: other }\napiVersion: v1\n";
    const { status, stderr } = spawnSync(process.execPath, ["scripts/check-retries.ts", "-"], { cwd: root, input });
    expect(status).toBe(1);
    expect(String(stderr)).toContain("no edge of the call graph");
  });
});
