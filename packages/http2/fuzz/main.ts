import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { compareWithNode, fuzzClient, fuzzServer } from "./fuzz.ts";

const flags = {
  frames: { type: "string", default: "1000000" },
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
} as const;

const help = `Sends mutated frames to server and client of our own HTTP/2, and compares fields with nghttp2.

  npm run fuzz:http2 -- [options]

  --frames N   how many frames (default 1000000)
  --seed N     the choices; the same seed makes the same frames
  --help       this

It ends with 1 at the first failure.`;

await runCommand(async () => {
  const options = readFlags(process.argv.slice(2), flags, help);
  if (options === undefined) return 0;
  const frames = wholeNumber("--frames", options.frames, 10, 1_000_000_000);
  const seed = wholeNumber("--seed", options.seed, 0, 2 ** 31);
  console.log(`seed ${seed}`);
  console.log(`server: ${await fuzzServer(seed, frames)} frames, each connection followed by a call that succeeded`);
  console.log(`client: ${await fuzzClient(seed, frames)} frames, each call ended`);
  await compareWithNode(seed, frames / 10);
  console.log(`fields: ${frames / 10} requests of node:http2 came back unchanged`);
  return 0;
});
