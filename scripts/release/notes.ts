// node scripts/release/notes.ts <version> <address of the sources>: prints the section of the changelog, for the page of a release.
import { readFileSync } from "node:fs";
import { readSection } from "./changelog.ts";

const [version = "", address = ""] = process.argv.slice(2);
try {
  const section = readSection(readFileSync("CHANGELOG.md", "utf8"), version);
  process.stdout.write(address ? section.replaceAll("](docs/", `](${address}/docs/`) : section);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
