import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createFileRegistry, fromBinary, type Registry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Refusal, readFlags, runCommand, wholeNumber } from "@kontor/config";
import { registry as shop } from "@kontor/shop/registry";
import { fuzz } from "./fuzz.ts";

const flags = {
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
  count: { type: "string", default: "200000" },
  from: { type: "string", default: "0" },
  contracts: { type: "string" },
  verbose: { type: "boolean", default: false },
} as const;

interface Contracts {
  /** The file of the descriptors; undefined for the shop's own. */
  readonly path?: string;
  readonly auth?: boolean;
  readonly sockets?: boolean;
  /** Its part of all requests. */
  readonly share: number;
}

const library = fileURLToPath(new URL("../../../packages/transcoder/test/library.binpb", import.meta.url));

/** Contracts to serve: ours, with and without tokens, those of the transcoder's tests, and public ones of Google. */
const sets: Readonly<Record<string, Contracts>> = {
  shop: { share: 0.25 },
  guarded: { auth: true, share: 0.3 },
  library: { path: library, share: 0.25 },
  sockets: { path: library, sockets: true, share: 0.05 },
  google: { path: fileURLToPath(new URL("../test/google/google.binpb", import.meta.url)), share: 0.15 },
};

const help = `Sends mutated requests to the gateway and looks for responses that it must not give.

  npm run fuzz:gateway -- [options]

  --seed N       the choices; the same seed makes the same requests
  --count N      how many requests, over all contracts (default 200000)
  --from N       the number of the first request: replays one with --count 1
  --contracts X  one of ${Object.keys(sets).join(", ")} (default: all)
  --verbose      print each request
  --help         this`;

await runCommand(async () => {
  const options = readFlags(process.argv.slice(2), flags, help);
  if (options === undefined) return 0;
  const number = (name: "seed" | "count" | "from") =>
    wholeNumber(`--${name}`, options[name], 0, Number.MAX_SAFE_INTEGER);
  const chosen = Object.entries(sets).filter(([name]) => options.contracts === undefined || name === options.contracts);
  if (chosen.length === 0)
    throw new Refusal(`There are no contracts "${options.contracts}". There are: ${Object.keys(sets).join(", ")}.`);
  let failed = false;
  const shares = chosen.reduce((sum, [, { share }]) => sum + share, 0);
  for (const [name, { path, auth = false, sockets = false, share }] of chosen) {
    const findings = await fuzz({
      ...{ name, path, auth, sockets },
      registry: await load(path),
      seed: number("seed"),
      from: number("from"),
      count: Math.ceil((number("count") * share) / shares),
      verbose: options.verbose,
    });
    failed ||= findings > 0;
  }
  return failed ? 1 : 0;
});

async function load(path: string | undefined): Promise<Registry> {
  return path === undefined ? shop : createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(path)));
}
