import { expect, it } from "vitest";
import { compareWithNode, fuzzClient, fuzzServer } from "./fuzz.ts";

// `npm run fuzz:http2 -- --frames 1000000` is the long run.
it("a server survives 10,000 mutated frames, and serves others meanwhile", async () => {
  expect(await fuzzServer(1, 10_000)).toBeGreaterThanOrEqual(10_000);
}, 120_000);

it("a client survives 10,000 mutated frames, and each of its calls ends", async () => {
  expect(await fuzzClient(2, 10_000)).toBeGreaterThanOrEqual(10_000);
}, 120_000);

it("10,000 random fields survive the way from nghttp2 and back, while tables change their size", async () => {
  await compareWithNode(3, 1_000);
}, 120_000);
