// node packages/bundle/src/main.ts <app> <folder> [--target linux-x64-gnu]
import { parseArgs } from "node:util";
import { bundleApp } from "./bundle-app.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string" } },
});
const [app, folder] = positionals;
if (!app || !folder) {
  console.error("Usage: node packages/bundle/src/main.ts <app> <folder> [--target linux-x64-gnu]");
  process.exit(2);
}
await bundleApp({ app, folder, ...values });
