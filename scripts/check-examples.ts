// Compiles the examples of READMEs and doc comments, so that none of them is out of date.
import { compileExamples, findExamples } from "./examples/check.ts";

const examples = findExamples(process.cwd());
const messages = compileExamples(process.cwd(), examples);
for (const message of messages) console.error(message);
if (messages.length === 0) console.log(`  ${examples.length} examples compile.`);
process.exitCode = messages.length === 0 ? 0 : 1;
