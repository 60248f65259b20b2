// Mends what can be mended without thinking: generated code, format, safe lint fixes.
import { run, runSteps } from "./lib/step.mjs";

runSteps([
  { title: "generate code from proto/", work: () => run("buf", "generate") },
  { title: "format and lint", work: () => run("biome", "check", "--write") },
]);
