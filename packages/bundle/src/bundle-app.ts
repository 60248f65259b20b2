import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type InputOptions, type Plugin, rolldown } from "rolldown";
import { copyNative, here, native } from "./native.ts";
import { copyPageFiles } from "./page-files.ts";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");

/** Which app is bundled, and where to. */
interface BundleOptions {
  readonly app: string;
  readonly folder: string;
  /** Where it will run, as in `linux-arm64-gnu`. Default: this machine. */
  readonly target?: string;
}

/**
 * Writes an app as few files into `folder`, which is emptied before: `dist/main.js`, the modules that it imports lazily, and `prisma/migrations`
 * as in the sources. `prisma/<package>` has the tables of packages; `node_modules` has native addons and files for browsers. Files that sources find by
 * `import.meta.url` are found from there too, because `dist/` is as deep as `src/`.
 */
export async function bundleApp({ app, folder, target = here }: BundleOptions): Promise<void> {
  const home = join(root, "apps", app);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ name: `@kontor/${app}`, type: "module" })}\n`);
  const apps = new Set([app]);
  const code = await writeCode(join(home, "src", "main.ts"), join(folder, "dist"), ownFolders(app, apps));
  for (const name of new Set(code.flatMap(migrationFolders))) {
    const source = migrationsOf(app, name);
    // An app that only runs others has none; their documentation names the folder.
    if (existsSync(source)) await cp(source, join(folder, "prisma", name), { recursive: true });
  }
  const homes = [...apps].map((each) => join(root, "apps", each));
  await copyNative({ homes, folder, target });
  await copyPageFiles(homes, folder);
}

/** Ends the name of the folder of another app's migrations in the bundle, after the name of the app. */
const OF_APP = "-migrations";

function migrationsOf(app: string, name: string): string {
  if (name === "migrations") return join(root, "apps", app, "prisma", name);
  if (name.endsWith(OF_APP)) return join(root, "apps", name.slice(0, -OF_APP.length), "prisma", "migrations");
  return join(root, "packages", name, "prisma", name);
}

/** Writes the migrations of each other app in the bundle to a separate folder, and adds those apps to `apps`. */
const ownFolders = (app: string, apps: Set<string>): Plugin => ({
  name: "kontor:migrations",
  transform(code, id) {
    const [, other] = /\/apps\/([\w-]+)\/src\//.exec(id) ?? [];
    if (other === undefined || other === app) return null;
    apps.add(other);
    return code.replaceAll("../prisma/migrations/", `../prisma/${other}${OF_APP}/`);
  },
});

/** Returns the code of a module and of all that it imports, as one file. */
export async function bundledFile(input: string): Promise<string> {
  const bundle = await rolldown({ input, platform: "node", logLevel: "warn" });
  try {
    const { output } = await bundle.generate({ format: "esm", sourcemap: false });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

async function writeCode(input: string, dir: string, plugin: Plugin): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: { main: input },
    platform: "node",
    external: [...native, "pg-native"],
    plugins: [requireAtBuild, plugin],
    logLevel: "warn",
    onLog,
  });
  try {
    const chunkFileNames = "[name]-[hash].js";
    const { output } = await bundle.write({ dir, format: "esm", sourcemap: false, minify: "dce-only", chunkFileNames });
    return output.flatMap((chunk) => (chunk.type === "chunk" ? [chunk.code] : []));
  } finally {
    await bundle.close();
  }
}

/** Returns the folders of migrations that code finds by `import.meta.url`: its own, and those of the packages whose tables it has. */
function migrationFolders(code: string): readonly string[] {
  return [...code.matchAll(/new URL\(.\.\.\/prisma\/([\w-]+)\/., ?import\.meta\.url\)/g)].map(([, name = ""]) => name);
}

/** Fails the build for an unresolved import, which would otherwise fail in the pod. */
const onLog: NonNullable<InputOptions["onLog"]> = (level, log, handle) => {
  if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
  if (log.code !== "EVAL") handle(level, log);
};

/**
 * A module that creates its own `require` hides the modules that it loads from bundlers. Calls of `load("…")`, where `load` is such
 * a `require`, become plain ones, which a bundler follows.
 */
const requireAtBuild: Plugin = {
  name: "require-at-build",
  transform: {
    filter: { id: /\/packages\/[^/]+\/src\/[^/]+\.ts$/, code: /createRequire\(import\.meta\.url\)/ },
    handler(code) {
      const [, name] = /const (\w+) = createRequire\(import\.meta\.url\);/.exec(code) ?? [];
      if (!name) throw new Error("A createRequire that is not `const load = createRequire(import.meta.url);`");
      const calls = new RegExp(`\\b${name}\\((?=")`, "g");
      return code.replace(/const \w+ = createRequire\(import\.meta\.url\);/, "").replace(calls, "require(");
    },
  },
};
