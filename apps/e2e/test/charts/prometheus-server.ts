import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "@kontor/testing";

/** Whether there is a prometheus in PATH. */
export const hasPrometheus = spawnSync("prometheus", ["--version"]).status === 0;

type Target = { readonly address: string; readonly app: string };
type Answer<T> = { readonly status: string; readonly error?: string; readonly data: T };
type Rule = { readonly name: string; readonly health: string; readonly lastError?: string; readonly state?: string };

/** Starts a real Prometheus that scrapes each target every second, under the labels that a cluster gives them. */
export async function startPrometheus(targets: readonly Target[], rules: ReadonlyMap<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "kontor-prometheus-"));
  for (const [name, text] of rules) writeFileSync(join(folder, `${name}.rules.yaml`), text);
  const asked = targets.map(({ address, app }) => {
    return { targets: [address], labels: { app, namespace: "shop", pod: `${app}-0` } };
  });
  const scraped = [{ job_name: "kontor", static_configs: asked }];
  const every = { scrape_interval: "1s", evaluation_interval: "1s" };
  const config = { global: every, rule_files: [join(folder, "*.rules.yaml")], scrape_configs: scraped };
  writeFileSync(join(folder, "prometheus.yaml"), JSON.stringify(config));
  const url = `http://127.0.0.1:${await freePort()}`;
  const options = [
    `--config.file=${join(folder, "prometheus.yaml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=${url.slice("http://".length)}`,
  ];
  const server = spawn("prometheus", options, { stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));

  async function ask<T>(path: string): Promise<T> {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(10_000) });
    const { status, error, data } = (await answer.json()) as Answer<T>;
    if (status !== "success") throw new Error(error);
    return data;
  }
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  };
  await eventually(async () => fetch(`${url}/-/ready`).then(({ ok }) => ok || Promise.reject(new Error("not ready"))), {
    timeoutMs: 30_000,
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  return {
    stop,
    /** The number of series of a query's result. */
    series: async (query: string) =>
      (await ask<{ result: unknown[] }>(`/api/v1/query?query=${encodeURIComponent(query)}`)).result.length,
    rules: async () => {
      const { groups } = await ask<{ groups: { rules: Rule[] }[] }>("/api/v1/rules");
      return groups.flatMap(({ rules }) => rules);
    },
    targets: async () =>
      (await ask<{ activeTargets: { health: string; labels: Record<string, string> }[] }>("/api/v1/targets"))
        .activeTargets,
  };
}
