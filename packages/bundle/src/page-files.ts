import { cp, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Files that an app serves to browsers, by their packages. Code finds them by `import.meta.resolve`. */
const files: Readonly<Record<string, readonly string[]>> = {
  "@kontor/api-page": ["page.js", "exact-json.js", "typescript-call.js", "page.css"],
  "swagger-ui-dist": ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"],
};

/** Copies the files of those packages that one of the apps depends on into `node_modules` of the bundle. */
export async function copyPageFiles(homes: readonly string[], folder: string): Promise<void> {
  for (const [name, names] of Object.entries(files)) {
    const [main] = homes.flatMap((home) => packageOf(join(home, "package.json"), name) ?? []);
    if (main === undefined) continue;
    const target = join(folder, "node_modules", name);
    await mkdir(target, { recursive: true });
    for (const each of ["package.json", ...names])
      await cp(join(dirname(main), each), join(target, each), { dereference: true });
  }
}

function packageOf(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(`${name}/package.json`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
