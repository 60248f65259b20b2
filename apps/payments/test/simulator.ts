import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const API_KEY = "sk_test";
export const WEBHOOK_SECRET = "whsec_dGVzdC1zZWNyZXQ=";

/** The operations in the provider's own log. */
export interface LogEntry {
  readonly type: string;
  readonly resource?: { readonly id: string; readonly reference: string; readonly status: string };
}

/** The card provider, as a separate process. */
export interface PspSimulator {
  readonly url: string;
  /** Turns faults on and off. */
  control(knobs: Record<string, number | boolean>): Promise<void>;
  completeChallenge(id: string, outcome: "succeed" | "fail"): Promise<void>;
  /** Gives an amount back at the provider itself, as in its dashboard. */
  refund(id: string, amount: number): Promise<void>;
  /** The events of an order's payments, oldest first. */
  history(orderId: string): Promise<string[]>;
  /** The provider's debt to the merchant in a currency. */
  balance(currency: string): Promise<{ captured: number; refunded: number; net: number }>;
  stop(): Promise<void>;
}

export async function startSimulator(webhookUrl: string): Promise<PspSimulator> {
  const dataDir = await mkdtemp(join(tmpdir(), "kontor-psp-"));
  const main = fileURLToPath(new URL("../../psp-simulator/src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      ...{ PORT: "0", DATA_DIR: dataDir, API_KEY, WEBHOOK_URL: webhookUrl, WEBHOOK_SECRET },
      ...{ HOLD_MS: "100", SLOW_MS: "300", KONTOR_EXIT_WITH_PARENT: "1" },
    },
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const url = `http://127.0.0.1:${JSON.parse(line).port}`;

  async function call(path: string, body?: object, more: Record<string, string> = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json", ...more };
    const response = await fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
    if (response.ok) return response;
    throw new Error(`${path} answered ${response.status} ${await response.text()}`);
  }

  return {
    url,
    async control(knobs) {
      await (await call("/v1/control", knobs)).text();
    },
    async completeChallenge(id, outcome) {
      await (await call(`/v1/payments/${id}/complete-challenge`, { outcome })).text();
    },
    async refund(id, amount) {
      await (await call(`/v1/payments/${id}/refunds`, { amount }, { "idempotency-key": randomUUID() })).text();
    },
    async history(orderId) {
      const lines = (await (await call("/v1/log")).text()).split("\n").filter((entry) => entry !== "");
      const entries = lines.map((entry): LogEntry => JSON.parse(entry));
      return entries.filter(({ resource }) => resource?.reference === orderId).map(({ type }) => type);
    },
    async balance(currency) {
      const { balances } = JSON.parse(await (await call("/v1/balance")).text());
      const nothing = { captured: 0, refunded: 0, net: 0 };
      return balances.find((one: { currency: string }) => one.currency === currency) ?? nothing;
    },
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
