import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Example, examplesOfMarkdown, examplesOfSource, importOfAll } from "./extract.ts";

const FOLDER = ".examples";

/** Returns all examples below a folder: of the READMEs of packages and apps, and of doc comments in packages. */
export function findExamples(root: string): Example[] {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const readmes = globSync("{packages,apps,examples}/*/README.md", { cwd: root });
  const sources = globSync("packages/*/src/**/*.ts", { cwd: root }).filter((path) => !/\.test\.ts$|\/gen\//.test(path));
  const exportsOf = (path: string) => {
    const folder = path.split("/").slice(0, 2).join("/");
    const index = join(folder, "src/index.ts");
    return existsSync(join(root, index))
      ? importOfAll(JSON.parse(read(`${folder}/package.json`)).name, read(index))
      : "";
  };
  return [
    ...readmes.flatMap((path) => examplesOfMarkdown(path, read(path))),
    ...sources.flatMap((path) => {
      const text = read(path);
      return text.includes(" * ```ts\n") ? examplesOfSource(path, text, exportsOf(path)) : [];
    }),
  ];
}

/**
 * Compiles examples, each as a module of the package that it is in, by one run of tsc. Returns tsc's messages, with the
 * files and lines of the examples; none when all compile.
 */
export function compileExamples(root: string, examples: readonly Example[]): string[] {
  const modules = new Map(examples.map((example, index) => [moduleOf(example, index), example]));
  const folders = new Set([...modules.keys()].map((path) => join(root, dirname(path))));
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  const project = mkdtempSync(join(root, "node_modules/.cache/examples-"));
  try {
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    for (const [path, { source }] of modules) writeFileSync(join(root, path), source);
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({
        extends: relative(project, join(root, "tsconfig.json")),
        compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
        files: [...modules.keys()].map((path) => join(root, path)),
        include: [],
      }),
    );
    const tsc = spawnSync("tsc", ["--project", project, "--pretty", "false"], { cwd: root, encoding: "utf8" });
    if (tsc.error) throw tsc.error;
    const messages = tsc.stdout.split("\n").filter((line) => line !== "");
    return messages.map((line) => {
      const [path = "", rest = ""] = line.split(/(?=\()(.*)/s);
      return `${modules.get(path)?.file ?? path}${rest}`;
    });
  } finally {
    for (const folder of [project, ...folders]) rmSync(folder, { recursive: true, force: true });
  }
}

function moduleOf({ file, line }: Example, index: number): string {
  const [kind = "", name = ""] = file.split("/");
  return `${kind}/${name}/${FOLDER}/${index}-${line}.ts`;
}
