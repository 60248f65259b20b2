// Sends mutated frames to server and client, and compares fields with nghttp2: npm run fuzz:http2 -- [--frames 1000000] [--seed 1]
import { parseArgs } from "node:util";
import { compareWithNode, fuzzClient, fuzzServer } from "./fuzz.ts";

const { values } = parseArgs({
  options: { frames: { type: "string", default: "1000000" }, seed: { type: "string", default: `${Date.now() % 1e6}` } },
});
const frames = Number(values.frames);
const seed = Number(values.seed);
console.log(`seed ${seed}`);
console.log(`server: ${await fuzzServer(seed, frames)} frames, each connection followed by a call that succeeded`);
console.log(`client: ${await fuzzClient(seed, frames)} frames, each call ended`);
await compareWithNode(seed, frames / 10);
console.log(`fields: ${frames / 10} requests of node:http2 came back unchanged`);
