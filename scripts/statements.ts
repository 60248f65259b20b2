// Writes the types of all SQL statements, from schema.prisma and migrated databases. With --check it only compares.
import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { typedStatements } from "./statements/typed-statements.ts";

const check = process.argv.includes("--check");
for (const { file, text, current } of await typedStatements()) {
  if (current) continue;
  const name = relative(process.cwd(), file);
  if (check) {
    console.error(`${name} does not fit the statements and the database. \`npm run generate\` updates it.`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`${name} written.`);
  }
}
process.exit();
