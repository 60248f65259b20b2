import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createFileRegistry, fromBinary, type Registry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { registry as shop } from "@kontor/contracts/registry";
import { fuzz } from "./fuzz.ts";

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    count: { type: "string", default: "200000" },
    from: { type: "string", default: "0" },
    contracts: { type: "string" },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** Contracts to serve: ours, those of the transcoder's tests, and public ones of Google. */
const sets: Readonly<Record<string, string | undefined>> = {
  shop: undefined,
  library: fileURLToPath(new URL("../../../packages/transcoder/test/library.binpb", import.meta.url)),
  google: fileURLToPath(new URL("../test/google/google.binpb", import.meta.url)),
};

if (options.help) {
  console.log(`Throws mutated requests at the gateway and looks for answers that it must not give.

  --seed N       the choices; the same seed makes the same requests
  --count N      how many requests, over all contracts (default 200000)
  --from N       the number of the first request: replays one with --count 1
  --contracts X  one of ${Object.keys(sets).join(", ")} (default: all)
  --verbose      print each request`);
} else {
  const names = options.contracts === undefined ? Object.keys(sets) : [options.contracts];
  const seed = Number(options.seed);
  const count = Math.ceil(Number(options.count) / names.length);
  for (const name of names) {
    const path = sets[name];
    const findings = await fuzz({
      name,
      path,
      registry: await load(path),
      seed,
      from: Number(options.from),
      count,
      verbose: options.verbose,
    });
    if (findings > 0) process.exitCode = 1;
  }
}

async function load(path: string | undefined): Promise<Registry> {
  return path === undefined ? shop : createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(path)));
}
