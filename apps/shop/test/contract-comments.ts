// Writes the comments of the shop's contracts, which generated code drops, for the description of the API. --check compares them.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createFileRegistry, createRegistry, type DescFile, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { commentsIn } from "@kontor/openapi";
import { registry } from "../src/registry.ts";

const FILE = new URL("../src/comments/gen/comments.json", import.meta.url).pathname;
const built = execFileSync("buf", ["build", "proto", "--as-file-descriptor-set", "-o", "-#format=binpb"], {
  maxBuffer: 64 * 1024 * 1024,
});
const own = new Set<string>();
for (const { file } of registry) addWithImports(file);
const all = createFileRegistry(fromBinary(FileDescriptorSetSchema, built));
const wanted = createRegistry(...Array.from(all.files).filter(({ name }) => own.has(name)));
const sorted = Object.entries(commentsIn(wanted)).toSorted(([a], [b]) => (a < b ? -1 : 1));
const text = `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;

/** Adds a file of our own, and those that it imports. */
function addWithImports({ name, dependencies }: DescFile): void {
  if (own.has(name) || /^(google|buf)\//.test(name)) return;
  own.add(name);
  for (const each of dependencies) addWithImports(each);
}

if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== text) throw new Error(`${FILE} differs from proto/. Run npm run generate.`);
} else {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, text);
}
