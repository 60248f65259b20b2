import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { eventually } from "@kontor/testing";
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

it("continues with its account when the response to its creation was lost", async () => {
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

/** A gateway that accepts each request and never confirms an order, and its requests. */
async function unconfirming(work: (gateway: string, calls: string[]) => Promise<void>): Promise<string[]> {
  const calls: string[] = [];
  const gateway = createServer(({ method, url = "" }, response) => {
    calls.push(`${method} ${url}`);
    const body = url.endsWith("/categories")
      ? { categories: [{ id: "mugs" }] }
      : { id: "O-1", status: "placed", userId: "U-1" };
    response.writeHead(200).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(gateway, "listening");
  try {
    await work(`http://127.0.0.1:${(gateway.address() as AddressInfo).port}`, calls);
    return calls;
  } finally {
    gateway.close();
  }
}

const cleaned = [
  "POST /api/v1/orders/O-1:cancel",
  "POST /api/v1/products/KONTOR-CHECK:archive",
  expect.stringMatching(/^DELETE \/api\/v1\/users\/U-1\/addresses\/CHECK-/),
];

it.each(["SIGINT", "SIGTERM"] as const)(
  "cancels its order and takes its product off sale when it gets %s",
  async (signal) => {
    const calls = await unconfirming(async (gateway, calls) => {
      const order = spawn(process.execPath, [`${chart}/files/place-order.mjs`], {
        env: { ...process.env, GATEWAY: gateway },
      });
      await eventually(() => expect(calls).toContain("GET /api/v1/orders/O-1"));
      order.kill(signal);
      expect(await once(order, "exit")).toEqual([130, null]);
    });
    expect(calls.filter((call) => !call.startsWith("GET")).slice(-3)).toEqual(cleaned);
    expect(calls.join()).not.toContain("POST /api/v1/categories");
  },
);

it("is cleaned up by the doctor that is interrupted", async () => {
  const doctor = `
    const { checkOrder } = await import(process.argv[1]);
    await checkOrder({ gateway: process.env.GATEWAY, email: "a", password: "b", remedy: "" });`;
  const entry = fileURLToPath(new URL("../../../cli/src/doctor/checks/order.ts", import.meta.url));
  const calls = await unconfirming(async (gateway, calls) => {
    const args = ["--input-type=module", "-e", doctor, entry];
    const child = spawn(process.execPath, args, { env: { ...process.env, GATEWAY: gateway } });
    await eventually(() => expect(calls).toContain("GET /api/v1/orders/O-1"));
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
  });
  expect(calls.filter((call) => !call.startsWith("GET")).slice(-3)).toEqual(cleaned);
});
