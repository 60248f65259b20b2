// Every npm script comes through here. Runs on Node 20 without any dependency, sets up what is missing,
// and hands over to the command under the pinned Node.
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDir } from "./lib/cache.mjs";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { ensureNatsServer } from "./lib/fetch-nats-server.mjs";
import { began, Failure } from "./lib/say.mjs";
import { ensureToolchain } from "./lib/toolchain.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join("node_modules", "vitest", "vitest.mjs");

const commands = {
  start: { run: ["node", "--max-semi-space-size=1", "apps/cli/src/start.ts"], nats: true },
  gateway: { run: ["node", "apps/gateway/src/main.ts"] },
  demo: { run: ["node", "apps/cli/src/demo.ts"] },
  kontor: { run: ["node", "apps/cli/src/kontor.ts"] },
  "e2e:mesh": { run: ["node", "apps/cli/cluster/mesh/main.ts"] },
  "e2e:cluster": { run: ["node", "apps/cli/cluster/main.ts"] },
  "bench:checkout": { run: ["node", "apps/cli/src/bench/checkout.ts"], nats: true },
  "bench:overload": { run: ["node", "apps/cli/src/bench/overload.ts"], nats: true },
  "bench:gateway": { run: ["node", "apps/gateway/bench/main.ts"] },
  "fuzz:gateway": { run: ["node", "apps/gateway/fuzz/main.ts"] },
  test: { run: ["node", vitest, "run"], nats: true },
  check: { run: ["node", "scripts/check.mjs"], nats: true },
  fix: { run: ["node", "scripts/fix.mjs"] },
  generate: { run: ["node", "scripts/generate.mjs"], nats: true },
  "docs:reference": { run: ["node", "scripts/reference.mjs"], nats: true },
};

try {
  requireNode(20);
  const [name = "", ...args] = process.argv.slice(2);
  const command = commands[name];
  if (!command) throw new Failure(`Unknown command "${name}". There are: ${Object.keys(commands).join(", ")}.`);

  const path = [ensureToolchain(), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  const compiled = process.env.NODE_COMPILE_CACHE ?? join(cacheDir(), "compiled");
  const env = { ...process.env, PATH: path, KONTOR_BEGAN: String(began), NODE_COMPILE_CACHE: compiled };
  ensureDependencies(root, env);
  if (command.nats && !args.includes("--help")) env.KONTOR_NATS_SERVER = ensureNatsServer();
  handOver([...command.run, ...args], env);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

function requireNode(oldest) {
  if (Number(process.versions.node.split(".")[0]) >= oldest) return;
  throw new Failure(
    `Kontor's scripts need Node ${oldest} or newer; this is ${process.version}. See https://nodejs.org.`,
  );
}

/** The channel tells a command of ours when this process is gone, even by SIGKILL. */
function handOver([program, ...args], env) {
  const channel = program === "node" ? ["ipc"] : [];
  const child = spawn(program, args, { cwd: root, env, stdio: ["inherit", "inherit", "inherit", ...channel] });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event) stopWithoutParent(child);
  child.on("error", (error) => {
    console.error(`${program} could not be run: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) console.error(`${program} was ended by ${signal}.`);
    if (child.connected) child.disconnect();
  });
}

/** npm that is killed by SIGKILL tells nobody: its children only get another parent. */
function stopWithoutParent(child) {
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && child.kill("SIGTERM"), 1_000).unref();
}
