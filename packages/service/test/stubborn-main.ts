import { runProcess } from "../src/index.ts";

// It never stops, and with FAIL set it throws where nobody catches.
await runProcess({
  name: "stubborn",
  settings: {},
  start: async () => {
    if (process.env.FAIL) setImmediate(() => Promise.reject(new Error("nobody caught me")));
    return { stop: () => new Promise<void>(() => setInterval(() => {}, 1000)) };
  },
});
