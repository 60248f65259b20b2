import { describe, expect, it } from "vitest";
import { helms, render } from "./helm.ts";
import { manifests, named } from "./mesh.ts";

if (helms.length === 0)
  describe.skip("an upgrade of the bundled servers: skipped, for there is no helm in PATH", () =>
    it("renders", () => {}));

describe.each(helms)("an upgrade of the bundled PostgreSQL, by %s", (helm) => {
  it("restarts it only if values require it, because requests fail meanwhile", () => {
    const strategyOf = (...args: string[]) =>
      named(manifests(render(helm, ...args)), "StatefulSet", "kontor-postgres").spec.updateStrategy;
    expect(strategyOf()).toEqual({ type: "RollingUpdate", rollingUpdate: { partition: 1 } });
    expect(strategyOf("--set", "postgres.restart=true").rollingUpdate).toEqual({ partition: 0 });
  });

  it("creates the roles it brings by a Job, which the policies let in", () => {
    const upgraded = manifests(render(helm, "--is-upgrade"));
    const [job, ...others] = upgraded.filter(({ kind }) => kind === "Job");
    expect(others).toEqual([]);
    expect(job?.metadata.name).toMatch(/^kontor-postgres-roles-[0-9a-f]{8}$/);
    expect(job?.spec.template.spec.containers[0].env[0]).toEqual({ name: "PGHOST", value: "kontor-postgres" });
    const { ingress } = named(upgraded, "NetworkPolicy", "kontor-postgres").spec;
    expect(JSON.stringify(ingress)).toContain('"app.kubernetes.io/name":"postgres-roles"');
    named(upgraded, "NetworkPolicy", "kontor-postgres-roles");
    expect(render(helm)).not.toContain("postgres-roles");
  });

  it("renames the Job when its content changes, since Kubernetes changes no Job", () => {
    const nameOf = (...args: string[]) =>
      manifests(render(helm, "--is-upgrade", ...args)).find(({ kind }) => kind === "Job")?.metadata.name;
    expect(nameOf("--set", "orders.database.existingSecret=other")).not.toBe(nameOf());
  });
});

it.each(helms)("a bundled server with slow probes remains ready, by %s", (helm) => {
  const all = manifests(render(helm));
  for (const name of ["kontor-postgres", "kontor-nats"]) {
    const [container] = named(all, "StatefulSet", name).spec.template.spec.containers;
    expect(container.readinessProbe.timeoutSeconds * container.readinessProbe.failureThreshold).toBeGreaterThanOrEqual(
      60,
    );
  }
});
