import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { checkPorts, defaultPorts, shifted } from "./ports.ts";

it("names a port that is in use, its purpose, and how to move it", async () => {
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

it("gives every use a separate port", () => {
  const numbers = Object.values(defaultPorts);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it.each([
  ["gateway", 6000],
  ["gateway", 10_080],
  ["mailPage", 6_667],
  ["ordersMetrics", 5_061],
] as const)("refuses for %s the port %d, which browsers block", async (name, port) => {
  await expect(checkPorts({ ...defaultPorts, [name]: port })).rejects.toThrow(
    new RegExp(`refuse to call these ports:\n  ${port}  .*\n.*--port`),
  );
});

it("refuses an offset that moves the gateway to a port which browsers block", async () => {
  await expect(checkPorts(shifted(defaultPorts, 2_000))).rejects.toThrow("10080  the gateway (REST)");
});

it("refuses one port for two uses", async () => {
  await expect(checkPorts({ ...defaultPorts, gateway: defaultPorts.orders })).rejects.toThrow(
    "5054  the gateway (REST)\n  5054  orders (gRPC)",
  );
});
