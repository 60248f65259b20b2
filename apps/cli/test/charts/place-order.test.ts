import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { chart } from "./helm.ts";

async function ordered(listener: RequestListener): Promise<{ said: string; failed: string }> {
  const gateway = createServer(listener).listen(0, "127.0.0.1");
  await once(gateway, "listening");
  try {
    const env = { ...process.env, GATEWAY: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` };
    const order = spawn(process.execPath, [`${chart}/files/place-order.mjs`], { env });
    const [said, failed] = await Promise.all([text(order.stdout), text(order.stderr)]);
    return { said, failed };
  } finally {
    gateway.close();
  }
}

it("waits for a shop that is only starting, and for nothing else", async () => {
  const answers = [503, 401];
  const { said, failed } = await ordered((_, response) => {
    response.writeHead(answers.shift() ?? 500).end(JSON.stringify({ detail: "Not now." }));
  });
  expect(said).toBe("POST /api/v1/sessions answered 503: Not now. Trying again.\n");
  expect(failed).toContain("POST /api/v1/sessions answered 401");
  expect(answers).toEqual([]);
});

it("goes on with the account it made when the answer to that was lost", async () => {
  const calls: string[] = [];
  const { failed } = await ordered(({ url = "" }, response) => {
    const times = calls.push(url);
    if (!url.endsWith("/users")) response.writeHead(calls.includes("/api/v1/users") ? 401 : 200).end("{}");
    else if (calls.indexOf(url) === times - 1) response.destroy();
    else response.writeHead(409).end(JSON.stringify({ reason: "EMAIL_TAKEN" }));
  });
  expect(calls.slice(-3)).toEqual(["/api/v1/users", "/api/v1/users", "/api/v1/sessions"]);
  expect(failed).toContain("POST /api/v1/sessions answered 401");
});
