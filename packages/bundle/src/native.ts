import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Packages with native code: they remain packages, next to the bundle. */
export const native = ["@node-rs/argon2"];

/** The place this runs at, as native packages name it. */
export const here = `${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;

/** The folders of the apps, the folder of the bundle, and where it will run. */
interface Copied {
  readonly homes: readonly string[];
  readonly folder: string;
  readonly target: string;
}

/** Copies those that one of the apps depends on, each with its code for the target. */
export async function copyNative({ homes, folder, target }: Copied): Promise<void> {
  for (const name of native) {
    const [main] = homes.flatMap((home) => resolveFrom(join(home, "package.json"), name) ?? []);
    if (!main) continue;
    await copyPackage(name, main, folder);
    const binary = `${name}-${target}`;
    const found = resolveFrom(main, binary);
    if (!found) throw new Error(`${binary} is not installed: see --os, --cpu and --libc of pnpm install.`);
    await copyPackage(binary, found, folder);
  }
}

const copyPackage = (name: string, main: string, folder: string) =>
  cp(dirname(main), join(folder, "node_modules", name), { recursive: true, dereference: true });

function resolveFrom(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
