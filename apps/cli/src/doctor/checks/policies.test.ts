import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { reachScript } from "./policies.ts";

async function reached(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const script = reachScript("127.0.0.1", (server.address() as AddressInfo).port);
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    return stdout.trim();
  } finally {
    server.close();
  }
}

describe("an open port", () => {
  it("is one whose process responds", async () => {
    expect(await reached(createHttpServer((_, response) => response.end("ok")))).toBe("open");
  });

  it("is not a sidecar that accepts and then finds no way", async () => {
    expect(await reached(createServer((socket) => socket.destroy()))).toBe("shut");
  });

  it("is not one where a sidecar responds in place of the callee", async () => {
    for (const status of [403, 503])
      expect(await reached(createHttpServer((_, response) => response.writeHead(status).end()))).toBe("shut");
  });

  it("is not one that accepts connections and sends nothing", async () => {
    const server = createServer();
    server.on("connection", (socket) => socket.unref());
    expect(await reached(server)).toBe("shut");
  });
});
