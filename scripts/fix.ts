// Mends what can be mended without thinking: generated code, format, safe lint fixes.
import { run, runSteps } from "./lib/step.ts";

const EXAMPLE = "examples/library/buf.gen.yaml";

runSteps([
  {
    title: "generate code from proto/",
    work: () => run("buf", "generate") && run("buf", "generate", "--template", EXAMPLE),
  },
  { title: "format and lint", work: () => run("biome", "check", "--write") },
]);
