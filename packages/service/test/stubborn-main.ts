import { runProcess } from "../src/index.ts";

// It never stops, and with FAIL set it throws an uncaught error.
await runProcess({
  name: "stubborn",
  settings: {},
  start: async () => {
    if (process.env.FAIL) setImmediate(() => Promise.reject(new Error("uncaught")));
    return { stop: () => new Promise<void>(() => setInterval(() => {}, 1000)) };
  },
});
