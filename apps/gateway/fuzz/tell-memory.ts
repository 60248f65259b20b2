import { setTimeout as pause } from "node:timers/promises";

/** Loaded into the gateway before its own code: runs the garbage collector and reports the memory in use. */
process.on("message", async () => {
  for (let i = 0; i < 3; i++) {
    await globalThis.gc?.({ type: "major", execution: "async" });
    await pause(20); // A collected object releases others, so one collection is not enough.
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const mebibytes = (bytes: number) => Math.round((bytes / 1024 / 1024) * 10) / 10;
  process.send?.({ held: mebibytes(heapUsed + external), rss: mebibytes(rss) });
});
process.channel?.unref();
