import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { copyNative, here, native } from "./native.mjs";
import { requireAtBuild } from "./require-at-build.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");

/**
 * Writes an app as few files into `folder`, which is emptied before: `dist/main.js`, what it imports lazily,
 * `prisma/migrations` as in the sources, and native addons in `node_modules`. What sources find by `import.meta.url` is
 * found from there too, because `dist/` is as deep as `src/`.
 *
 * @param {{ app: string, folder: string, target?: string }} options `target` is where it will run, as in `linux-arm64-gnu`
 */
export async function bundleApp({ app, folder, target = here }) {
  const home = join(root, "apps", app);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ name: `@kontor/${app}`, type: "module" })}\n`);
  await writeCode(join(home, "src", "main.ts"), join(folder, "dist"));
  await copyIfThere(join(home, "prisma", "migrations"), join(folder, "prisma", "migrations"));
  await copyNative({ home, folder, target });
}

async function writeCode(input, dir) {
  const bundle = await rolldown({
    input: { main: input },
    platform: "node",
    external: [...native, "pg-native"],
    plugins: [requireAtBuild],
    logLevel: "warn",
    onLog,
  });
  try {
    const chunkFileNames = "[name]-[hash].js";
    await bundle.write({ dir, format: "esm", sourcemap: false, minify: "dce-only", chunkFileNames });
  } finally {
    await bundle.close();
  }
}

/** An import that leads nowhere must end the build, not the pod. */
function onLog(level, log, handle) {
  if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
  if (log.code !== "EVAL") handle(level, log);
}

async function copyIfThere(from, to) {
  await cp(from, to, { recursive: true }).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
}
