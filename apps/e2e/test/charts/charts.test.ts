import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { serviceNames, services } from "@kontor/shop";
import { describe, expect, it } from "vitest";
import { chart, helms, objects, refusal, render, renderAs, root } from "./helm.ts";

const profiles = ["values", "values-minimal", "values-production"];
const graph = readFileSync(`${chart}/files/call-graph.yaml`, "utf8");
const values = readFileSync(`${chart}/values.yaml`, "utf8");

const namesOf = (rendered: string) => objects(rendered).flatMap((text) => /^ {2}name: (\S+)$/m.exec(text)?.[1] ?? []);

describe("the call graph in the chart", () => {
  it("equals contracts and settings", async () => {
    const check = promisify(execFile)(process.execPath, ["scripts/call-graph.ts", "--check"], { cwd: root });
    expect(
      await check.then(
        () => "current",
        ({ stderr }) => stderr,
      ),
    ).toBe("current");
  }, 60_000);

  it("equals the callees in each service's values", () => {
    const declared = [...graph.matchAll(/^ {2}(\w+): (\[.*\])$/gm)].filter(([, , list]) => !/_URL/.test(list ?? ""));
    const services = declared.filter(([, name]) => name !== "gateway");
    expect(services.map(([, name]) => name)).toEqual([...serviceNames].sort());
    for (const [, name, list] of services) expect(values).toContain(`\n${name}:\n  enabled: true\n  calls: ${list}\n`);
  });

  it("equals the upstreams in the gateway's values, which name one contract of each service", () => {
    const contracts: ReadonlySet<string> = new Set(Object.values(services).map(({ contract }) => contract));
    const upstreams = [...graph.matchAll(/^ {2}(shop\.\S+): (\w+)$/gm)].flatMap(([, service = "", name]) =>
      contracts.has(service) ? [{ service, name }] : [],
    );
    expect(upstreams).toHaveLength(contracts.size);
    const said = [...values.matchAll(/"(shop\.[^"]+)":"{{ include "lib.address" \(list \. "(\w+)"\) }}"/g)];
    expect(said.map(([, service, name]) => ({ service, name }))).toEqual(upstreams);
  });
});

const deploymentOf = (rendered: string, name: string) =>
  objects(rendered).find((text) => /^kind: Deployment$/m.test(text) && text.includes(`\n  name: kontor-${name}\n`)) ??
  "";

if (helms.length === 0)
  describe.skip("the chart: skipped, for there is no helm in PATH", () => it("renders", () => {}));

describe.each(helms)("the chart, by %s", (helm) => {
  it.each(profiles)("passes lint with %s", (profile) => {
    const options = ["--strict", "--kube-version", "1.33.0", "--values", `${chart}/${profile}.yaml`];
    expect(execFileSync(helm, ["lint", chart, ...options], { encoding: "utf8", stdio: "pipe" })).toContain(
      "0 chart(s) failed",
    );
  });

  it.each(profiles)("renders %s as the golden file has it", async (profile) => {
    const rendered = objects(render(helm, "--values", `${chart}/${profile}.yaml`)).join("---\n");
    await expect(rendered).toMatchFileSnapshot(`${chart}/test/golden/${profile}.yaml`);
  });

  it("renders the changes of discovery by EndpointSlices as in the golden file", async () => {
    const usual = new Set(objects(render(helm)));
    const discovered = objects(render(helm, "--values", `${chart}/test/values-endpointslices.yaml`));
    const changed = discovered.filter((text) => !usual.has(text));
    await expect(changed.join("---\n")).toMatchFileSnapshot(`${chart}/test/golden/values-endpointslices.yaml`);
  });

  it.each(profiles)("requests nothing that restricted Pod Security refuses in %s", (profile) => {
    const workloads = objects(render(helm, "--values", `${chart}/${profile}.yaml`)).filter((text) =>
      /^kind: (Deployment|StatefulSet|Pod)$/m.test(text),
    );
    expect(workloads.length).toBeGreaterThan(7);
    for (const text of workloads) {
      const containers = text.match(/^\s+image: /gm)?.length;
      for (const need of [/allowPrivilegeEscalation: false/g, /readOnlyRootFilesystem: true/g, /drop:\s+- ALL$/gm])
        expect(text.match(need), String(need)).toHaveLength(containers ?? 0);
      expect(text).toMatch(/runAsNonRoot: true[\s\S]*seccompProfile:\s+type: RuntimeDefault/);
      expect(text).toContain("automountServiceAccountToken: false");
    }
  });

  it("never renders replicas together with an autoscaler", () => {
    const all = objects(render(helm, "--values", `${chart}/values-production.yaml`));
    const scaled = all.flatMap((text) => /kind: HorizontalPodAutoscaler[\s\S]*?name: (\S+)/.exec(text)?.[1] ?? []);
    expect(scaled).toContain("kontor-gateway");
    for (const name of scaled) {
      const deployment = all.find((text) => text.includes(`kind: Deployment\nmetadata:\n  name: ${name}\n`));
      expect(deployment).not.toMatch(/^ {2}replicas:/m);
    }
  });

  it("has no headless Services under a mesh", () => {
    const rendered = render(helm, "--set", "global.discovery=mesh");
    expect(rendered).not.toContain("-headless");
    expect(rendered).toContain('value: "kontor-users:50051"');
  });

  it("limits the age of connections only where DNS is used", () => {
    expect(render(helm)).toContain("GRPC_MAX_CONNECTION_AGE");
    for (const mode of ["endpointslices", "mesh"])
      expect(render(helm, "--set", `global.discovery=${mode}`)).not.toContain("GRPC_MAX_CONNECTION_AGE");
  });

  it("grants the right to watch EndpointSlices to callers, and only with this discovery", () => {
    expect(render(helm)).not.toMatch(/kind: Role|discovery.k8s.io|automountServiceAccountToken: true/);
    const all = objects(render(helm, "--set", "global.discovery=endpointslices"));
    const callers = [...graph.matchAll(/^ {2}(\w+): \[\w.*\]$/gm)]
      .flatMap(([line, name = ""]) => (/_URL/.test(line) ? [] : [name]))
      .filter((name, index, names) => names.indexOf(name) === index);
    const withToken = all.filter((text) => /kind: Deployment[\s\S]*automountServiceAccountToken: true/.test(text));
    expect(namesOf(withToken.join("---\n")).sort()).toEqual(callers.map((name) => `kontor-${name}`).sort());
    expect(withToken.join()).toContain('value: "kubernetes:///kontor-users.shop:grpc"');
    const [role, ...others] = all.filter((text) => /^kind: (Cluster)?Role$/m.test(text));
    expect(others).toEqual([]);
    expect(role).toMatch(/resources: \[endpointslices\]\s+verbs: \[get, list, watch\]/);
    const binding = all.find((text) => text.includes("kind: RoleBinding"));
    expect(binding?.match(/kind: ServiceAccount/g)).toHaveLength(callers.length);
    expect(all.join()).not.toContain("-headless\n  labels:\n    app.kubernetes.io/name: users");
  });

  it("admits no connection to a PostgreSQL or NATS that is not configured", () => {
    const nowhere = ["postgres.enabled=false", "nats.enabled=false", "global.natsUrl=nats://elsewhere:4222"];
    const rendered = render(helm, ...nowhere.flatMap((value) => ["--set", value]));
    const policies = objects(rendered).filter((text) => text.includes("kind: NetworkPolicy"));
    for (const text of policies) expect(text).not.toMatch(/port: (5432|4222)/);
  });

  it("gives the owner's URL to the init container alone", () => {
    const deployment = deploymentOf(render(helm), "orders");
    const [, init = "", run = ""] = /initContainers:([\s\S]*?) {6}containers:([\s\S]*)/.exec(deployment) ?? [];
    expect(init).toMatch(/DATABASE_OWNER_URL\s+valueFrom:\s+secretKeyRef:\s+name: kontor-orders-database\s/);
    expect(init).toMatch(/DATABASE_RUN_ROLE\s+value: "orders_run"/);
    expect(init).not.toContain("DATABASE_URL");
    expect(run).toMatch(/DATABASE_URL\s+valueFrom:\s+secretKeyRef:\s+name: kontor-orders-database-run\s/);
    expect(run).not.toContain("DATABASE_OWNER_URL");
  });

  it("goes on with one role for both where one Secret is named", () => {
    const deployment = deploymentOf(render(helm, "--set", "orders.database.existingSecret=mine"), "orders");
    expect(deployment.match(/name: mine$/gm)).toHaveLength(2);
    expect(deployment).not.toMatch(/DATABASE_OWNER_URL|DATABASE_RUN_ROLE/);
  });

  it("mounts the CA of an external PostgreSQL where migrations and the service find it", () => {
    const deployment = deploymentOf(render(helm, "--set", "global.databaseCa.secret=postgres-ca"), "orders");
    expect(deployment.match(/DATABASE_CA_FILE\s+value: "?\/etc\/database-ca\/ca.crt/g)).toHaveLength(2);
    expect(deployment.match(/mountPath: \/etc\/database-ca/g)).toHaveLength(2);
    expect(deployment).toContain("secretName: postgres-ca");
  });

  it("can be installed twice, under two names", () => {
    const first = new Set(namesOf(render(helm)));
    expect(first.size).toBeGreaterThan(25);
    expect(namesOf(renderAs("second", helm)).filter((name) => first.has(name))).toEqual([]);
  });

  it.each([
    ["ordres.replicas=2", "ordres"],
    ["orders.replica=2", "replica"],
    ["orders.replicas=many", "replicas"],
    ["orders.env.lower_case=1", "lower_case"],
    ["global.discovery=magic", "discovery"],
    ["global.image.digest=x", "digest"],
    ["networkPolicy.postgresTo[0].cidr=10.0.0.0/8", "cidr"],
    ["postgres.storage=lots", "storage"],
    ["nats.enabled=false", "natsUrl"],
    ["orders.resources.limits.memory=1Gi", "memory"],
    ["global.runAsUser=root", "runAsUser"],
    ["global.extraEnv[0].value=1", "name"],
    ["global.trustedProxies[0]=proxy", "trustedProxies"],
    ["edge.ingress.class=nginx", "class"],
    ["mail-sink.replicas=2", "replicas"],
    ["mail-sink.canary.enabled=true", "canary"],
    ["mail-sink.autoscaling.enabled=true", "autoscaling"],
    ["orders.podLabels.track=blue", "track"],
  ])("refuses %s", (value, why) => {
    expect(refusal(helm, "--set", value)).toContain(why);
  });

  it.each(["a".repeat(37), "my.shop", "1shop"])(
    "refuses a release called %s, which is no beginning of a Service's name",
    (name) => {
      expect(() => renderAs(name, helm)).toThrow("at most 36");
    },
  );

  it("takes the longest name of a release", () => {
    for (const name of namesOf(renderAs("a".repeat(36), helm, "--values", `${chart}/values-observability.yaml`)))
      expect(name.length, name).toBeLessThanOrEqual(63);
  });

  it("runs a canary without its own image by that of the service", () => {
    const rendered = render(helm, "--set", "orders.image.tag=1.2.3,orders.canary.enabled=true");
    expect(rendered.match(/image: "kontor\/orders:1\.2\.3"/g)).toHaveLength(4);
  });
});
