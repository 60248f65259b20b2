import {
  processSettings,
  settingsOf,
  startProcess,
  startService,
  withDefaults,
} from "../../packages/service/src/index.ts";
import { createLogger, registry } from "../../packages/telemetry/src/index.ts";
import { startNats, startPostgres } from "../../packages/testing/src/index.ts";
import { gatewayProcess, type ServiceApp, serviceApps } from "./apps.ts";
import { code, generated, table } from "./page.ts";

/** The settings that services require to start; no call is made to these addresses. */
const needed = {
  pspUrl: "http://127.0.0.1:9",
  pspApiKey: "none",
  pspWebhookSecrets: ["whsec_bm9uZQ=="],
  carrierUrl: "http://127.0.0.1:9",
  carrierApiKey: "none",
  carrierWebhookSecrets: ["whsec_bm9uZQ=="],
  smtpUrl: "smtp://127.0.0.1:9",
  mailFrom: "Kontor <shop@kontor.example>",
};

type Stoppable = { stop(): Promise<void> };

/** Returns docs/reference/metrics.md, from the registry of a process in which the gateway and all services run. */
export async function metricsPage(): Promise<string> {
  const stop = await startEverything();
  const metrics = await registry.getMetricsAsJSON();
  await stop();
  const rows = metrics
    .map(({ name, type, help }) => [code(name), String(type), labelsOf(name).map(code).join(", "), help] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `${generated}# Metrics\n\n${introduction}\n${table(["Name", "Type", "Labels", "Meaning"], rows)}\n`;
}

const introduction = `Every process shows its metrics at \`/metrics\` on METRICS_PORT, in Prometheus' text format. A process shows what it has: only
orders runs sagas, only the gateway has routes. Durations are seconds, and labels hold names from the contracts and the code,
never ids. A name is a contract: dashboards and alerts rely on it.
`;

/** Prometheus' client declares no labels on metrics, and has them. */
function labelsOf(name: string): readonly string[] {
  const metric: object = registry.getSingleMetric(name) ?? {};
  return "labelNames" in metric && Array.isArray(metric.labelNames) ? metric.labelNames : [];
}

async function startEverything(): Promise<() => Promise<void>> {
  const log = createLogger({ service: "reference", level: "silent" });
  const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  const running: Stoppable[] = await Promise.all(serviceApps.map(startOne));
  const upstreams = JSON.stringify({ "*": "127.0.0.1:9" });
  const gateway = withDefaults({ ...processSettings, ...gatewayProcess.settings }, { port: 0, upstreams });
  running.push(await startProcess(gatewayProcess, gateway, log));

  async function startOne(app: ServiceApp) {
    const { url, runUrl } = await postgres.createDatabase(app.name, { owner: true });
    const known = Object.keys(settingsOf(app));
    const told = Object.entries(needed).filter(([name]) => known.includes(name));
    const config = {
      databaseUrl: runUrl,
      databaseOwnerUrl: url,
      natsUrl: [nats.url],
      internalToken: "none",
      ...Object.fromEntries(told),
    };
    return startService(app, config, log);
  }

  return async () => {
    await Promise.all(running.map((process) => process.stop()));
    await Promise.all([postgres.stop(), nats.stop()]);
  };
}
