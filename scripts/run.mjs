// Every npm script comes through here. Runs on Node 20 without any dependency, sets up what is missing,
// and hands over to the command under the pinned Node.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { cacheDir, toolsFolder } from "./bootstrap/cache.mjs";
import { commands, helpOf, overview } from "./bootstrap/commands.mjs";
import { ensureDependencies } from "./bootstrap/dependencies.mjs";
import { findNatsServer } from "./bootstrap/find-nats-server.mjs";
import { began, Failure } from "./bootstrap/say.mjs";
import { ensureToolchain } from "./bootstrap/toolchain.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  requireNode(20);
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

/** @param {string[]} args */
async function main([name = "--help", ...args]) {
  if (name === "--help") return console.log(overview());
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Failure(`There is no script "${name}".\n\n${overview()}`);
  const help = args.includes("--help");
  if (help && command.usage) return console.log(helpOf(command));

  const bin = ensureToolchain();
  const path = [bin, join(root, "node_modules", ".bin"), process.env.PATH, ...(command.tools ? [toolsFolder()] : [])];
  const compiled = process.env.NODE_COMPILE_CACHE ?? join(cacheDir(), "compiled");
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, PATH: path.join(delimiter), KONTOR_BEGAN: String(began), NODE_COMPILE_CACHE: compiled };
  const nats = command.nats && !help ? provideNatsServer(join(bin, "node"), env) : undefined;
  ensureDependencies(root, env); // Meanwhile nats-server is fetched.
  if (nats) env.KONTOR_NATS_SERVER = await nats;
  handOver([...command.run, ...args], env);
}

/**
 * Resolves to the path of a nats-server that is new enough: one of this machine, else one that is fetched into the cache.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
async function provideNatsServer(node, env) {
  const { path, rejected } = foundNatsServer();
  if (path) return path;
  const own = { NODE_USE_ENV_PROXY: "1", NODE_USE_SYSTEM_CA: "1" };
  const child = spawn(node, [join(root, "scripts", "fetch-nats-server.ts"), ...rejected], {
    env: { ...env, ...own },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [fetched, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Failure(`\`${process.argv[2]}\` needs a nats-server.`);
  return fetched.trim();
}

function foundNatsServer() {
  try {
    return findNatsServer();
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
}

/** @param {number} oldest */
function requireNode(oldest) {
  if (Number(process.versions.node.split(".")[0]) >= oldest) return;
  throw new Failure(
    `Kontor's scripts need Node ${oldest} or newer; this is ${process.version}. See https://nodejs.org.`,
  );
}

/**
 * Runs the command. Its channel closes when this process is gone, even by SIGKILL.
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 */
function handOver([program = "node", ...args], env) {
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = ["inherit", "inherit", "inherit", ...(program === "node" ? [/** @type {const} */ ("ipc")] : [])];
  const child = spawn(program, args, { cwd: root, env, stdio });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
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

/**
 * Stops the child when npm dies: npm that is killed by SIGKILL sends no signal, and its children only get another parent.
 * @param {import("node:child_process").ChildProcess} child
 */
function stopWithoutParent(child) {
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && child.kill("SIGTERM"), 1_000).unref();
}
