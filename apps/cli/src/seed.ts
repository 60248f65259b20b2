import { parseArgs } from "node:util";
import { red } from "./launcher/terminal.ts";
import { readRunFile } from "./run-file.ts";
import { seed } from "./seed/seed.ts";

const { values } = parseArgs({ options: { data: { type: "string", default: ".kontor" } } });
try {
  await seed(values.data, readRunFile(values.data));
} catch (error) {
  console.error(red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}
