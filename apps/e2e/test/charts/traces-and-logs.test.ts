import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createLogger, runWithTrace } from "@kontor/telemetry";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { helms, objects, render, root } from "./helm.ts";

// The addresses of the components: all files below agree with them.
const collector = { name: "otel-collector", namespace: "collector", otlp: 4318 };
const tempo = { name: "tempo", namespace: "monitoring", otlp: 4318, http: 3200 };
const loki = { name: "loki", namespace: "monitoring", http: 3100 };
const at = ({ name, namespace }: { name: string; namespace: string }, port: number) =>
  `http://${name}.${namespace}.svc:${port}`;

const folder = `${root}/k8s/traces-and-logs`;
const read = (file: string) => readFileSync(`${folder}/${file}`, "utf8");
const values = (name: string) => parse(read(`values/${name}.yaml`));
const configuration = values("collector").alternateConfig;
const sources = parse(read("datasources.yaml")).datasources;
const source = (type: string) => sources.find((one: { type: string }) => one.type === type);
const collectors = ["otelcol", "otelcol-k8s", "otelcol-contrib"];
const otelcol = collectors.find((name) => !spawnSync(name, ["--version"]).error);
const kustomized = spawnSync("kubectl", ["kustomize", folder], { encoding: "utf8" });

describe("traces and logs next to the shop", () => {
  it("are sent to where the charts' values put the collector, Tempo and Loki", () => {
    for (const { name } of [collector, tempo, loki])
      expect(values(name.replace("otel-", "")).fullnameOverride).toBe(name);
    expect(configuration.receivers.otlp.protocols.http.endpoint).toMatch(new RegExp(`:${collector.otlp}$`));
    expect(values("tempo").tempo.receivers.otlp.protocols.http.endpoint).toMatch(new RegExp(`:${tempo.otlp}$`));
    expect(configuration.exporters).toEqual({
      "otlp_http/tempo": { endpoint: at(tempo, tempo.otlp) },
      "otlp_http/loki": { endpoint: `${at(loki, loki.http)}/otlp` },
    });
    for (const { receivers, exporters } of Object.values<Record<string, string[]>>(configuration.service.pipelines)) {
      expect(Object.keys(configuration.receivers)).toEqual(expect.arrayContaining(receivers ?? []));
      expect(Object.keys(configuration.exporters)).toEqual(expect.arrayContaining(exporters ?? []));
    }
  });

  it.skipIf(!otelcol)("are taken by a collector that accepts its configuration (skipped without otelcol)", () => {
    const env = { ...process.env, MY_POD_IP: "127.0.0.1" };
    const whole = `yaml:${JSON.stringify(configuration)}`;
    const { stderr, status } = spawnSync(otelcol ?? "", ["validate", "--config", whole], { env, encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });

  it("are queried by Grafana at their addresses, and link to each other", () => {
    expect(source("tempo").url).toBe(`http://${tempo.name}:${tempo.http}`);
    expect(source("loki").url).toBe(`http://${loki.name}:${loki.http}`);
    expect(source("tempo").jsonData.tracesToLogsV2.datasourceUid).toBe(source("loki").uid);
    expect(source("loki").jsonData.derivedFields[0].datasourceUid).toBe(source("tempo").uid);
  });

  it("may be written by collectors and read by Grafana, and by no others", () => {
    const allowed = parseAllDocuments(read("network.yaml")).flatMap((document) => {
      const { metadata, spec } = document.toJS();
      return spec.ingress.map(({ from, ports }: { from: object[]; ports: { port: number }[] }) => [
        metadata.name,
        JSON.stringify(from)
          .match(/"(collector|grafana|loki)"/g)
          ?.join(),
        ports.map(({ port }) => port),
      ]);
    });
    expect(allowed).toEqual([
      ["loki", '"collector","grafana"', [loki.http]],
      ["loki", '"loki"', [9095, 7946]],
      ["tempo", '"collector"', [tempo.otlp]],
      ["tempo", '"grafana"', [tempo.http]],
    ]);
  });

  it("request nothing that restricted Pod Security refuses, except the collector in its own namespace", () => {
    for (const { pod, container } of [
      { pod: values("tempo").securityContext, container: values("tempo").tempo.securityContext },
      { pod: values("loki").loki.podSecurityContext, container: undefined },
      { pod: values("collector").podSecurityContext, container: values("collector").securityContext },
    ]) {
      expect(pod.seccompProfile).toEqual({ type: "RuntimeDefault" });
      if (container)
        expect(container).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    }
    for (const mount of values("collector").extraVolumeMounts) expect(mount.readOnly).toBe(true);
    expect(parse(read("namespace.yaml")).metadata).toEqual({
      name: collector.namespace,
      labels: { "pod-security.kubernetes.io/enforce": "privileged" },
    });
  });

  it("know the lines of Kontor, and the trace in them", () => {
    const lines: string[] = [];
    const log = createLogger({ service: "orders", level: "info" }, { write: (line) => void lines.push(line) });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    runWithTrace({ traceparent: `00-${traceId}-b7ad6b7169203331-01` }, () => log.info("placed"));
    const [line = ""] = lines;
    const parser = configuration.receivers.file_log.operators.find(
      (one: { type: string }) => one.type === "json_parser",
    );
    expect(line.startsWith(JSON.parse(parser.if.replace("body startsWith ", "")))).toBe(true);
    const fields = [parser.severity.parse_from, parser.trace.trace_id.parse_from, parser.trace.span_id.parse_from];
    for (const field of fields) expect(JSON.parse(line)).toHaveProperty(field.replace(`${parser.parse_to}.`, ""));
    expect(new RegExp(source("loki").jsonData.derivedFields[0].matcherRegex).exec(line)?.[1]).toBe(traceId);
  });

  it.skipIf(kustomized.error)("are shown by the Grafana of k8s/observability (skipped without kubectl)", () => {
    expect(kustomized.stderr).toBe("");
    const all = parseAllDocuments(kustomized.stdout).map((document) => document.toJS());
    const grafana = (kind: string) =>
      all.find((one) => one.kind === kind && one.metadata.name.startsWith("grafana") && one.metadata.namespace);
    const files = Object.keys(grafana("ConfigMap").data);
    expect(files.sort()).toEqual(["dashboards.yaml", "datasources.yaml", "traces-and-logs.yaml"]);
    const { volumeMounts } = grafana("Deployment").spec.template.spec.containers[0];
    const mounted = volumeMounts.flatMap(({ subPath }: { subPath?: string }) => subPath ?? []);
    expect(mounted.sort()).toEqual(files);
  });
});

describe.each(helms)("a shop that is traced, by %s", (helm) => {
  it.each(["k8s/traces-and-logs/values/shop", "charts/kontor/values-observability"])(
    "reaches the collector by %s",
    (file) => {
      const all = objects(render(helm, "--values", `${root}/${file}.yaml`));
      const named = (kind: string) =>
        all.find((text) => text.includes(`kind: ${kind}\nmetadata:\n  name: kontor-orders\n`));
      expect(named("Deployment")).toContain(
        `OTEL_EXPORTER_OTLP_ENDPOINT\n              value: "${at(collector, collector.otlp)}"`,
      );
      expect(named("NetworkPolicy")).toMatch(
        new RegExp(`name: ${collector.namespace}\\n\\s+ports: \\[\\{ protocol: TCP, port: ${collector.otlp} \\}\\]`),
      );
    },
  );
});
