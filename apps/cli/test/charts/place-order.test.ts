import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { chart } from "./helm.ts";

it("waits for a shop that is only starting, and for nothing else", async () => {
  const answers = [503, 401];
  const gateway = createServer((_, response) => {
    response.writeHead(answers.shift() ?? 500).end(JSON.stringify({ detail: "Not now." }));
  }).listen(0, "127.0.0.1");
  await once(gateway, "listening");
  try {
    const env = { ...process.env, GATEWAY: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` };
    const order = spawn(process.execPath, [`${chart}/files/place-order.mjs`], { env });
    const [said, failed] = await Promise.all([text(order.stdout), text(order.stderr)]);
    expect(said).toBe("POST /api/v1/sessions answered 503: Not now. Trying again.\n");
    expect(failed).toContain("POST /api/v1/sessions answered 401");
    expect(answers).toEqual([]);
  } finally {
    gateway.close();
  }
});
