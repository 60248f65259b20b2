import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import type { Faults } from "./faults.ts";
import { signWebhook } from "./webhook-signature.ts";

const ATTEMPT_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const REORDER_MS = 250;
const MOST_EVENTS = 64;

/** The event as the receiver reads it. `id` is the same in all attempts. */
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
  /** How long events are gathered that one webhook carries as an array, in milliseconds. Default: 0, each event has a webhook of its own. */
  readonly gatherMs?: number;
}

interface Waiting {
  readonly event: WebhookEvent;
  /** Whether this is the first attempt and not a duplicate of it. */
  readonly counts: boolean;
}

/** Delivers webhooks at least once, in no guaranteed order. */
export interface WebhookSender {
  send(event: WebhookEvent): void;
  /** Stops without waiting; unsettled webhooks must be sent again after a restart. */
  close(): void;
}

/**
 * Posts each event until the response is 2xx, with a doubling pause from half a second to 15 s, and reports the outcome. The first attempts
 * of several events share a webhook; after a failure each is sent by itself.
 */
export function createWebhookSender(
  target: WebhookTarget,
  faults: Faults,
  settle: (event: WebhookEvent, outcome: Delivery) => void,
): WebhookSender {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const timers = new Set<NodeJS.Timeout>();
  const { gatherMs = 0 } = target;
  let gathered: Waiting[] = [];
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
    ended(event, count, await post(agent, target, [event]));
  }

  function ended(event: WebhookEvent, count: number, accepted: boolean): void {
    if (closed) return;
    if (accepted) settle(event, "delivered");
    else if (count >= target.attempts) settle(event, "abandoned");
    else later(Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS), () => attempt(event, count + 1));
  }

  function gather(one: Waiting): void {
    gathered.push(one);
    if (gathered.length === 1) later(gatherMs, sendGathered);
    else if (gathered.length === MOST_EVENTS) void sendGathered();
  }

  async function sendGathered(): Promise<void> {
    const together = gathered;
    gathered = [];
    if (together.length === 0) return;
    const accepted = await post(
      agent,
      target,
      together.map(({ event }) => event),
    );
    for (const { event, counts } of together) if (counts) ended(event, 1, accepted);
  }

  return {
    send(event) {
      sent += 1;
      const heldBack = faults.reorderWebhooks && sent % 2 === 1 ? REORDER_MS : 0;
      later(faults.delayWebhooksMs + heldBack, () => gather({ event, counts: true }));
      if (faults.duplicateWebhooks) later(faults.delayWebhooksMs + heldBack, () => gather({ event, counts: false }));
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      agent.destroy();
    },
  };
}

/** Posts one event as an object, or several as an array. */
function post(agent: Agent, target: WebhookTarget, events: readonly WebhookEvent[]): Promise<boolean> {
  const content = events.map(({ id, type, createdAt, data }) => ({ id, type, createdAt, data }));
  const [first] = content;
  const id = content.length === 1 && first ? first.id : `msg_${randomUUID()}`;
  const body = JSON.stringify(content.length === 1 ? first : content);
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
