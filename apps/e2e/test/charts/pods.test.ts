import { describe, expect, it } from "vitest";
import { chartApps } from "../delivery/files.ts";
import { chart, helms, refusal, render } from "./helm.ts";
import { type Manifest, manifests, named } from "./mesh.ts";

if (helms.length === 0)
  describe.skip("settings of pods: skipped, for there is no helm in PATH", () => it("renders", () => {}));

const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);

const podOf = (workload: Manifest) => (workload.kind === "Pod" ? workload : workload.spec.template);
const workloadsOf = (helm: string, ...args: string[]) =>
  manifests(render(helm, ...args)).filter(({ kind }) => ["Deployment", "StatefulSet", "Pod", "Job"].includes(kind));
const containersOf = (workload: Manifest) => {
  const { containers, initContainers = [] } = podOf(workload).spec;
  return [...containers, ...initContainers];
};

describe.each(helms)("settings of pods, by %s", (helm) => {
  const all = (...values: string[]) => workloadsOf(helm, ...set("seed.enabled=true", ...values));

  it("reach every workload of the shop, its servers, its test and its seed from one place", () => {
    const workloads = all(
      "global.podLabels.team=shop",
      "global.podAnnotations.prometheus\\.io/scrape=true",
      "global.nodeSelector.disk=ssd",
      "global.tolerations[0].operator=Exists",
      "global.priorityClassName=high",
      "global.imagePullSecrets[0]=regcred",
      "global.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight=1",
      "global.extraVolumes[0].name=ca",
      "global.extraVolumes[0].configMap.name=ca",
    );
    expect(workloads.map(({ metadata }) => metadata.name).sort()).toEqual(
      [...chartApps, "nats", "postgres", "seed", "test-place-order"].map((name) => `kontor-${name}`).sort(),
    );
    for (const workload of workloads) {
      const { metadata, spec } = podOf(workload);
      expect(metadata.labels, workload.metadata.name).toMatchObject({ team: "shop" });
      expect(metadata.annotations).toMatchObject({ "prometheus.io/scrape": "true" });
      expect(spec).toMatchObject({ nodeSelector: { disk: "ssd" }, priorityClassName: "high" });
      expect(spec.tolerations).toEqual([{ operator: "Exists" }]);
      expect(spec.imagePullSecrets).toEqual([{ name: "regcred" }]);
      expect(spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
      expect(spec.volumes).toContainEqual({ name: "ca", configMap: { name: "ca" } });
    }
  });

  it("reach every container, init containers included", () => {
    const workloads = all(
      "global.resources.limits.cpu=1",
      "global.resources.requests.ephemeral-storage=64Mi",
      "global.extraEnv[0].name=NODE",
      "global.extraEnv[0].valueFrom.fieldRef.fieldPath=spec.nodeName",
      "global.extraVolumeMounts[0].name=ca",
      "global.extraVolumeMounts[0].mountPath=/ca",
      "global.containerSecurityContext.privileged=false",
    );
    for (const container of workloads.flatMap(containersOf)) {
      expect(container.resources.limits, container.name).toMatchObject({ cpu: 1 });
      expect(container.resources.limits.memory).toMatch(/Mi$/);
      expect(container.resources.requests).toMatchObject({ "ephemeral-storage": "64Mi" });
      expect(container.volumeMounts).toContainEqual({ name: "ca", mountPath: "/ca" });
      expect(container.securityContext).toMatchObject({ privileged: false, readOnlyRootFilesystem: true });
      if (container.name === "refuse-other-major") continue;
      expect(container.env).toContainEqual({ name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } });
    }
  });

  it("give each ServiceAccount its annotations", () => {
    const accounts = manifests(render(helm, ...set("seed.enabled=true", "global.serviceAccountAnnotations.role=shop")));
    for (const { kind, metadata } of accounts)
      if (kind === "ServiceAccount") expect(metadata).toMatchObject({ annotations: { role: "shop" } });
    const used = all().flatMap((workload) => podOf(workload).spec.serviceAccountName ?? []);
    const there = accounts.filter(({ kind }) => kind === "ServiceAccount").map(({ metadata }) => metadata.name);
    expect(used.filter((name) => !there.includes(name))).toEqual([]);
  });

  it("do not change the account of the bundled servers: a rollback would keep its name in the pod and delete it", () => {
    const servers = all().filter(({ metadata }) => /-(postgres|nats)$/.test(metadata.name));
    expect(servers.map((server) => podOf(server).spec.serviceAccountName)).toEqual([undefined, undefined]);
  });

  it("of one workload win over those of all", () => {
    const rendered = all(
      "global.priorityClassName=high",
      "orders.priorityClassName=higher",
      "postgres.runAsUser=70",
    ).concat(
      all(
        "global.extraEnv[0].name=A,global.extraEnv[0].value=all,orders.extraEnv[0].name=A,orders.extraEnv[0].value=own",
      ),
    );
    const [orders, replaced] = rendered.filter(({ metadata }) => metadata.name === "kontor-orders").map(podOf);
    expect(orders.spec.priorityClassName).toBe("higher");
    expect(replaced.spec.containers[0].env.filter(({ name }: { name: string }) => name === "A")).toEqual([
      { name: "A", value: "own" },
    ]);
    const postgres = podOf(named(rendered.slice(0, 15), "StatefulSet", "kontor-postgres"));
    expect(postgres.spec.securityContext).toMatchObject({ runAsUser: 70, runAsGroup: 70, fsGroup: 70 });
  });

  it("replace a variable of the chart instead of naming it twice", () => {
    const [orders] = all("orders.extraEnv[0].name=LOG_LEVEL,orders.extraEnv[0].value=debug").filter(
      ({ metadata }) => metadata.name === "kontor-orders",
    );
    const env: { name: string; value: string }[] = orders ? podOf(orders).spec.containers[0].env : [];
    expect(env.filter(({ name }) => name === "LOG_LEVEL")).toEqual([{ name: "LOG_LEVEL", value: "debug" }]);
  });

  it("leave the choice of users and groups to OpenShift", () => {
    for (const workload of workloadsOf(helm, "--values", `${chart}/values-openshift.yaml`)) {
      const { securityContext } = podOf(workload).spec;
      expect(securityContext, workload.metadata.name).toEqual({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const container of containersOf(workload)) expect(container.securityContext).not.toHaveProperty("runAsUser");
    }
  });

  it.each(["global.image.tag", "orders.image.tag"])("refuse %s as a number, with a remedy", (value) => {
    for (const number of ["20261130", "7"])
      expect(refusal(helm, "--set", `${value}=${number}`)).toContain(`--set-string ${value}=${number}`);
    expect(refusal(helm, "--set-string", `${value}=20261130`)).toBe("");
  });

  it.each(["users", "psp-simulator"])("refuse a canary of %s whose tag is a number", (name) => {
    if (name === "users")
      expect(refusal(helm, ...set("users.canary.enabled=true,users.canary.image.tag=7"))).toContain("--set-string");
    else expect(refusal(helm, ...set(`${name}.canary.enabled=true`))).toContain("canary");
  });

  it("accept numbers and booleans as settings", () => {
    const orders = named(
      manifests(render(helm, ...set("orders.env.A=5000000,orders.env.B=true,global.env.C=7"))),
      "Deployment",
      "kontor-orders",
    );
    const { env } = podOf(orders).spec.containers[0];
    for (const [name, value] of Object.entries({ A: "5000000", B: "true", C: "7" }))
      expect(env).toContainEqual({ name, value });
  });

  it("name Secrets that exist, and the chart makes none for them", () => {
    const rendered = manifests(
      render(
        helm,
        ...set(
          "orders.database.existingSecret=mine,orders.database.existingOwnerSecret=mine-owner,postgres.existingSecret=root",
          "users.secretEnv.STAFF_PASSWORD.name=staff,users.secretEnv.SIGNING_KEY_SECRET.name=keys",
        ),
      ),
    );
    const made = rendered.filter(({ kind }) => kind === "Secret").map(({ metadata }) => metadata.name);
    for (const name of ["kontor-orders-database", "kontor-orders-database-run", "kontor-postgres", "kontor-users"])
      expect(made).not.toContain(name);
    expect(made).toContain("kontor-catalog-database");
    const postgres = podOf(named(rendered, "StatefulSet", "kontor-postgres")).spec;
    expect(JSON.stringify(postgres.volumes)).toContain(
      '"name":"mine-owner","items":[{"key":"password","path":"owner/orders"',
    );
    expect(postgres.containers[0].env[0].valueFrom.secretKeyRef).toEqual({ name: "root", key: "password" });
    const test = named(rendered, "Pod", "kontor-test-place-order").spec.containers[0];
    expect(JSON.stringify(test.env)).toContain('{"name":"staff","key":"staffPassword"}');
  });
});
