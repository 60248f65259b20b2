import { Agent, request } from "node:http";
import type { Faults } from "./faults.ts";
import { signWebhook } from "./webhook-signature.ts";

const ATTEMPT_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const REORDER_MS = 250;

/** What happened, as the receiver reads it. `id` stays the same over all attempts. */
export interface WebhookEvent {
  /** Unique for the event. */
  readonly id: string;
  /** Such as `payment.captured`. */
  readonly type: string;
  /** When it happened, in ISO 8601. */
  readonly createdAt: string;
  /** The content, as the API documents it. */
  readonly data: object;
}

/** How a delivery ended. */
export type Delivery = "delivered" | "abandoned";

/** Where webhooks go. */
export interface WebhookTarget {
  /** Where webhooks are sent. */
  readonly url: string;
  /** The key that signs them. */
  readonly secret: string;
  /** Attempts before a webhook is abandoned. */
  readonly attempts: number;
}

/** Delivers webhooks at least once, in no promised order. */
export interface WebhookSender {
  send(event: WebhookEvent): void;
  /** Stops without waiting; what is not settled must be sent again after a restart. */
  close(): void;
}

/** Posts each event until a 2xx comes back, with a doubling pause from half a second to 15 s, and reports how it ended. */
export function createWebhookSender(
  target: WebhookTarget,
  faults: Faults,
  settle: (event: WebhookEvent, outcome: Delivery) => void,
): WebhookSender {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const timers = new Set<NodeJS.Timeout>();
  let sent = 0;
  let closed = false;

  function later(ms: number, act: () => void): void {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  async function attempt(event: WebhookEvent, count: number): Promise<void> {
    const accepted = await post(agent, target, event);
    if (closed) return;
    if (accepted) settle(event, "delivered");
    else if (count >= target.attempts) settle(event, "abandoned");
    else later(Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS), () => attempt(event, count + 1));
  }

  return {
    send(event) {
      sent += 1;
      const heldBack = faults.reorderWebhooks && sent % 2 === 1 ? REORDER_MS : 0;
      later(faults.delayWebhooksMs + heldBack, () => attempt(event, 1));
      if (faults.duplicateWebhooks) later(faults.delayWebhooksMs + heldBack, () => post(agent, target, event));
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      agent.destroy();
    },
  };
}

function post(agent: Agent, target: WebhookTarget, event: WebhookEvent): Promise<boolean> {
  const { id, type, createdAt, data } = event;
  const body = JSON.stringify({ id, type, createdAt, data });
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signWebhook(target.secret, id, timestamp, body),
  };
  return new Promise((resolve) => {
    const outgoing = request(target.url, {
      agent,
      method: "POST",
      headers,
      signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
    });
    outgoing.once("response", (response) => {
      const status = response.statusCode ?? 0;
      response.resume().once("error", () => resolve(false));
      response.once("close", () => resolve(response.complete && status >= 200 && status < 300));
    });
    outgoing.on("error", () => resolve(false));
    outgoing.end(body);
  });
}
