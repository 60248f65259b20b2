import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { checkPorts, defaultPorts, shifted } from "./ports.ts";

it("names a port that is taken, what for, and how to move", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const taken = typeof address === "object" && address ? address.port : 0;
  try {
    const check = checkPorts({ ...shifted(defaultPorts, 10_000), psp: taken });
    await expect(check).rejects.toThrow(`${taken}  the simulated card provider`);
    await expect(check).rejects.toThrow("--port-offset");
  } finally {
    server.close();
  }
});

it("gives every use a port of its own", () => {
  const numbers = Object.values(defaultPorts);
  expect(new Set(numbers).size).toBe(numbers.length);
});
