import { describe, expect, it } from "vitest";
import { chart, helms, objects, refusal, render } from "./helm.ts";
import { dashboards, ruleFiles } from "./observability-files.ts";

const observed = ["--values", `${chart}/values-production.yaml`, "--values", `${chart}/values-observability.yaml`];
const operator = ["PodMonitor", "PrometheusRule"].flatMap((kind) => [
  "--api-versions",
  `monitoring.coreos.com/v1/${kind}`,
]);
const keda = ["--api-versions", "keda.sh/v1alpha1/ScaledObject"];
const lag = (service: string) => [
  ...keda,
  "--set",
  `${service}.autoscaling.enabled=true,${service}.autoscaling.keda=true`,
];
const ofKind = (kind: string, rendered: string) =>
  objects(rendered).filter((text) => text.includes(`\nkind: ${kind}\n`));

if (helms.length === 0)
  describe.skip("monitoring objects: skipped, because helm is not in PATH", () => it("renders", () => {}));

describe.each(helms)("monitoring objects of the shop, by %s", (helm) => {
  it("is as the golden file has it", async () => {
    const rendered = render(helm, ...observed, ...operator, ...keda);
    const kinds = ["PodMonitor", "ScaledObject"].flatMap((kind) => ofKind(kind, rendered));
    await expect(kinds.join("---\n")).toMatchFileSnapshot(`${chart}/test/golden/values-observability.yaml`);
  });

  it("is left out unless enabled, and where the cluster lacks its kinds", () => {
    for (const rendered of [render(helm, ...operator), render(helm, ...observed)])
      expect(rendered).not.toContain("monitoring.coreos.com");
    expect(render(helm, ...operator)).not.toContain("grafana_dashboard");
  });

  it("takes the alerts unchanged, with addresses of their runbooks", () => {
    const runbooks = "https://wiki.example.com/kontor";
    const rendered = render(helm, ...observed, ...operator, "--set", `monitoring.rules.runbooks=${runbooks}`);
    const rules = ofKind("PrometheusRule", rendered);
    expect(rules).toHaveLength(ruleFiles.size);
    for (const [name, text] of ruleFiles) {
      const lines = text.replaceAll("https://kontor.example/docs/runbooks", runbooks).split("\n");
      const spec = lines.filter((line) => line.trim() !== "").map((line) => `  ${line}`);
      const rule = rules.find((one) => one.includes(`name: kontor-${name}\n`));
      expect(rule?.slice(rule.indexOf("\nspec:\n") + 7).trimEnd()).toBe(spec.join("\n"));
    }
  });

  it("takes the dashboards unchanged", () => {
    const maps = ofKind("ConfigMap", render(helm, ...observed)).filter((text) => text.includes("grafana_dashboard"));
    expect(maps).toHaveLength(dashboards.size);
    for (const [name, json] of dashboards) {
      const map = maps.find((text) => text.includes(`  kontor-${name}.json: |\n`)) ?? "";
      expect(JSON.parse(map.slice(map.indexOf("json: |\n") + 8))).toEqual(JSON.parse(json));
    }
  });

  it("sends traces to the collector that values name, past the policies", () => {
    const rendered = render(helm, ...observed);
    const orders = objects(rendered).find((text) =>
      text.includes("kind: Deployment\nmetadata:\n  name: kontor-orders\n"),
    );
    expect(orders).toMatch(/OTEL_EXPORTER_OTLP_ENDPOINT\n\s+value: "http:\/\/otel-collector/);
    const policy = ofKind("NetworkPolicy", rendered).find((text) => text.includes("name: kontor-orders\n"));
    expect(policy).toMatch(/metadata.name: collector\n\s+ports: \[\{ protocol: TCP, port: 4318 \}\]/);
  });
});

describe.each(helms)("scaling by pending messages, by %s", (helm) => {
  it("replaces the HPA, and queries every consumer of the service", () => {
    const rendered = render(helm, ...lag("notifications"));
    const [scaled] = ofKind("ScaledObject", rendered);
    expect(ofKind("HorizontalPodAutoscaler", rendered)).toEqual([]);
    const asked = [...(scaled ?? "").matchAll(/stream: (\S+)\n\s+consumer: (\S+)/g)].map(([, from, durable]) => [
      from,
      durable,
    ]);
    expect(asked).toEqual([
      ["users", "notifications-users"],
      ["orders", "notifications-orders"],
      ["payments", "notifications-payments"],
    ]);
    const deployment = objects(rendered).find((text) =>
      text.includes("kind: Deployment\nmetadata:\n  name: kontor-notifications\n"),
    );
    expect(deployment).not.toMatch(/^ {2}replicas:/m);
  });

  it("queries the partitions of consumers that are divided, as many as the topology allows", () => {
    const consumers = (partitions: string) => {
      const divided = ["--set-string", `global.env.CONSUMER_PARTITIONS=${partitions}`];
      const [scaled] = ofKind("ScaledObject", render(helm, ...lag("inventory"), ...divided));
      return [...(scaled ?? "").matchAll(/consumer: (\S+)/g)].map(([, durable]) => durable);
    };
    expect(consumers("1")).toEqual(["inventory-payments"]);
    expect(consumers("2")).toEqual(["inventory-payments-p0", "inventory-payments-p1"]);
    expect(consumers("64")).toHaveLength(8);
  });

  it("is left to the HPA where the cluster does not know ScaledObjects", () => {
    const rendered = render(helm, "--set", "orders.autoscaling.enabled=true,orders.autoscaling.keda=true");
    expect(ofKind("ScaledObject", rendered)).toEqual([]);
    const [autoscaler] = ofKind("HorizontalPodAutoscaler", rendered);
    expect(autoscaler).toContain("name: kontor-orders\n");
  });

  it("queries the headless Service of NATS, whose policy admits KEDA", () => {
    const rendered = render(helm, ...lag("orders"));
    expect(rendered).toContain("natsServerMonitoringEndpoint: kontor-nats.shop.svc:8222");
    expect(objects(rendered).find((text) => /kind: Service\n[\s\S]*name: kontor-nats\n/.test(text))).toContain(
      "clusterIP: None",
    );
    const policy = (text: string) => ofKind("NetworkPolicy", text).find((one) => one.includes("name: kontor-nats\n"));
    expect(policy(rendered)).toMatch(/metadata.name: keda\n\s+ports: \[\{ protocol: TCP, port: 8222 \}\]/);
    expect(policy(render(helm))).not.toContain("8222");
  });

  it.each([
    [lag("users"), "users.autoscaling.keda: it has no consumers"],
    [["--set", "keda.lag=0"], "lag"],
    [["--set", "monitoring.podMonitor.every=1m"], "every"],
    [["--set", "monitoring.rules.runbooks=docs"], "runbooks"],
  ])("refuses %s", (options, why) => {
    expect(refusal(helm, ...options)).toContain(why);
  });
});
