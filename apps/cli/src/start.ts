import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { leash } from "@kontor/testing";
import { compileCache } from "./launcher/compile-cache.ts";
import { describeRun } from "./launcher/describe-run.ts";
import { lock } from "./launcher/lock.ts";
import { nats } from "./launcher/nats.ts";
import { nodeProcess } from "./launcher/node-process.ts";
import { type Options, readOptions } from "./launcher/options.ts";
import { checkPorts } from "./launcher/ports.ts";
import { postgres } from "./launcher/postgres.ts";
import { processes } from "./launcher/processes.ts";
import { Refusal } from "./launcher/refusal.ts";
import { secrets as keptSecrets } from "./launcher/secrets.ts";
import { whenAskedToStop } from "./launcher/stop-request.ts";
import { summary } from "./launcher/summary.ts";
import { createSupervisor, type Supervisor } from "./launcher/supervisor.ts";
import { progress, red } from "./launcher/terminal.ts";
import { warmSources } from "./launcher/warm-sources.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import { inParallel } from "./seed/in-parallel.ts";
import { runSeed } from "./seed/run-seed.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await start({ ...options, dataDir: resolve(root, options.dataDir) });
} catch (error) {
  console.error(
    `\n${red(error instanceof Refusal ? error.message : String(error instanceof Error ? error.stack : error))}`,
  );
  process.exit(1); // The leash ends what was still starting.
}

async function start(options: Options): Promise<void> {
  const { dataDir, ports } = options;
  mkdirSync(dataDir, { recursive: true });
  const unlock = lock(dataDir);
  const supervisor = createSupervisor();
  const stop = whenAskedToStop(async () => {
    progress("stopping …");
    await end();
    progress("everything has stopped; the data stays");
    process.exit();
  });
  const end = async () => {
    await supervisor.stopAll();
    removeRunFile(dataDir);
    unlock();
  };
  try {
    await checkPorts(ports);
    await open(options, supervisor);
  } catch (error) {
    if (stop.requested) return;
    await end();
    throw error;
  }
}

/** Starts everything, what others need first. */
async function open({ dataDir, ports, seed: wanted, verbose }: Options, supervisor: Supervisor): Promise<void> {
  const secrets = keptSecrets(dataDir);
  const tie = leash({ signal: "SIGTERM" });
  const specs = processes(ports, secrets, dataDir);
  await Promise.all([
    supervisor.start(postgres(dataDir, ports, secrets)),
    supervisor.start(nats(dataDir, ports, tie)),
    warmSources(root, compileCache(dataDir), specs),
  ]);
  await inParallel(2, specs, (spec) => supervisor.start(nodeProcess(spec, { root, dataDir, tie, verbose })));

  const run = describeRun(ports, secrets, supervisor);
  writeRunFile(dataDir, run);
  if (wanted) await runSeed(root, dataDir);
  console.log(summary(run));
}
