import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describeError } from "@kontor/config";
import { startWatchdog } from "@kontor/servers";
import { openDataFolder } from "./data/data-folder.ts";
import { lock } from "./data/lock.ts";
import { rotateLogs } from "./data/log-file.ts";
import { type Secrets, secrets as storedSecrets } from "./data/secrets.ts";
import { describeRun } from "./describe-run.ts";
import { inParallel } from "./in-parallel.ts";
import { type Options, readOptions } from "./options.ts";
import { compileCache } from "./processes/compile-cache.ts";
import { nats } from "./processes/nats.ts";
import { nodeProcess, type Surroundings } from "./processes/node-process.ts";
import { checkPorts } from "./processes/ports.ts";
import { postgres } from "./processes/postgres.ts";
import { hasGateway, importProcess, portsIn, processes } from "./processes/processes.ts";
import { createSupervisor, type Supervisor } from "./processes/supervisor.ts";
import { warmSources } from "./processes/warm-sources.ts";
import { type RunFile, removeRunFile, writeRunFile } from "./run-file.ts";
import { runSeed } from "./seed/run-seed.ts";
import { isSeeded } from "./seed/seeded.ts";
import { whenAskedToStop } from "./stop-request.ts";
import { summary } from "./summary.ts";
import { progress, red } from "./terminal.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await start({ ...options, dataDir: resolve(root, options.dataDir) });
} catch (error) {
  console.error(`\n${red(describeError(error))}`);
  process.exit(1); // The watchdog ends processes that were still starting.
}

async function start(options: Options): Promise<void> {
  const { dataDir, ports } = options;
  openDataFolder(dataDir);
  const unlock = lock(dataDir);
  const secrets = storedSecrets(dataDir);
  let isOpen = false;
  const describe = (): RunFile => describeRun(portsIn(ports, options), secrets, supervisor);
  // Also after a restart: the file names the processes that run now.
  const supervisor: Supervisor = createSupervisor(() => isOpen && writeRunFile(dataDir, describe()));
  const stop = whenAskedToStop(async () => {
    progress("stopping …");
    await end();
    progress("everything has stopped; the data remains");
    process.exit();
  });
  const end = async () => {
    isOpen = false;
    await supervisor.stopAll();
    removeRunFile(dataDir);
    unlock();
  };
  try {
    await checkPorts(ports);
    await open(options, secrets, supervisor, describe);
    if (stop.requested) return;
    isOpen = true;
    writeRunFile(dataDir, describe());
    console.log(summary(describe()));
    await globalThis.gc?.({ type: "major", execution: "async", flavor: "last-resort" }); // From here on it waits.
  } catch (error) {
    if (stop.requested) return;
    await end();
    throw error;
  }
}

/** Starts everything in the order of dependencies, and imports the assortment. */
async function open(
  options: Options,
  secrets: Secrets,
  supervisor: Supervisor,
  describe: () => RunFile,
): Promise<void> {
  const { dataDir, ports, seed, verbose } = options;
  const watchdog = startWatchdog({ signal: "SIGTERM" });
  const surroundings: Surroundings = { root, dataDir, watchdog, verbose };
  rotateLogs(join(dataDir, "logs"));
  const specs = processes(ports, secrets, dataDir, { ...options, simulatorsTogether: true });
  await Promise.all([
    supervisor.start(postgres(dataDir, ports, secrets, options.postgres)),
    supervisor.start(nats(dataDir, ports, secrets, watchdog)),
    warmSources(root, compileCache(dataDir), specs),
  ]);
  const begin = (spec: (typeof specs)[number]) => supervisor.start(nodeProcess(spec, surroundings));
  const [edge] = specs.filter(hasGateway);
  await inParallel(
    2,
    specs.filter((spec) => spec !== edge),
    begin,
  );
  const needsImport = seed && options.rateLimits && !isSeeded(dataDir);
  if (needsImport) {
    const importing = await nodeProcess(importProcess(ports, secrets, dataDir, options), surroundings).start();
    await runSeed(root, dataDir, describe()).finally(() => importing.stop());
  }
  if (edge) await begin(edge);
  if (seed && !needsImport) await runSeed(root, dataDir, describe());
}
