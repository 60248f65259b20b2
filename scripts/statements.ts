// Writes the types of all SQL statements, from schema.prisma and migrated databases. With --check it only compares.
import { writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { typedStatements } from "./statements/typed-statements.ts";

const check = process.argv.includes("--check");
const { files, failures } = await typedStatements();
for (const { file, text, current } of files) {
  if (current) continue;
  const name = relative(process.cwd(), file);
  if (!check) {
    await writeFile(file, text);
    console.log(`${name} written.`);
  } else failures.push(`${name} does not fit the statements and the database. \`npm run generate\` updates it.`);
}
for (const failure of failures) console.error(failure);
process.exit(failures.length === 0 ? 0 : 1);
