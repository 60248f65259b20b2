// Finds code that is a copy of other code, by jscpd: 70 tokens of sources or 110 of tests, comments aside. Nothing is allowed.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const jscpd = createRequire(import.meta.url).resolve("jscpd/run-jscpd.js");
const never = ["**/gen/**", "**/node_modules/**", "apps/cli/data/**"];
const tests = ["**/*.test.ts", "**/test/**", "**/fuzz/**", "**/conformance/**", "apps/e2e/cluster/**"];
const scans = [
  { title: "sources", tokens: 70, ignored: [...never, ...tests] },
  { title: "sources and tests", tokens: 110, ignored: never },
];

for (const { title, tokens, ignored } of scans) {
  const args = [
    "apps",
    "packages",
    "scripts",
    "examples",
    "-f",
    "typescript,javascript",
    "-m",
    "weak",
    "-l",
    "5",
    "--exit-code",
    "1",
  ];
  const options = ["-k", String(tokens), "-i", ignored.join(","), "-r", "console"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [jscpd, ...args, ...options], { encoding: "utf8" });
  if (status === 0) console.log(`  ${title}: no copies of ${tokens} tokens`);
  else if (stderr.includes("not installed"))
    console.log(`  ${title}: skipped, for jscpd has no program for ${process.platform}-${process.arch}`);
  else {
    console.log(`${stdout}${stderr}\nKeep one of each pair, where both can import it.`);
    process.exitCode = 1;
  }
}
