import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { openDurableLog } from "./durable-log.ts";
import type { Delivery, WebhookEvent } from "./webhook-sender.ts";

/** A resource that the simulator stores: a payment, a shipment. */
export interface Resource {
  /** Its id in the simulator. */
  readonly id: string;
  /** The caller's own name for it; not unique, so that a caller's mistakes show. */
  readonly reference: string;
}

/** An event of a resource, and the resource after it. */
export interface Change<R extends Resource> {
  /** The type of the event, such as `payment.captured`. */
  readonly type: string;
  /** The resource after it. */
  readonly resource: R;
  /** Further facts for the log, such as the amount of this operation. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /** The data of the webhook that announces the change; none is sent without. */
  readonly webhook?: object;
}

/** An operation under an idempotency key, and its first response. */
export interface Operation {
  /** The idempotency key. */
  readonly key: string;
  /** Digest of the request. */
  readonly fingerprint: string;
  /** The HTTP status of the first response. */
  readonly status: number;
  /** The body of the first response. */
  readonly answer: object;
}

/** An operation as it can be queried later. */
export interface RecordedOperation extends Operation {
  /** The kind of operation, such as `capture`. */
  readonly type: string;
  /** Id of the resource. */
  readonly resourceId: string;
  /** When it was done, in ISO 8601. */
  readonly at: string;
}

type Line<R extends Resource> =
  | (Omit<Change<R>, "webhook"> & { seq: number; at: string; operation?: Operation; webhook?: WebhookEvent })
  | { seq: number; at: string; type: "note"; note: string }
  | { seq: number; at: string; type: `webhook.${Delivery}`; webhookId: string };

/** All that happened, in memory and on disk. Changes take effect at once and are durable after `flush`. */
export interface Journal<R extends Resource> {
  /** Applies a change in memory and queues it for the log. */
  record(change: Change<R>, operation?: Operation): void;
  /** Returns a resource by its id. */
  get(id: string): R | undefined;
  /** Returns the resources with the reference of a caller. */
  byReference(reference: string): R[];
  /** Returns all resources. */
  all(): IterableIterator<R>;
  /** Returns the operation of an idempotency key. */
  operation(key: string): RecordedOperation | undefined;
  /** Stores a note durably; false if it existed already. */
  note(note: string): boolean;
  /** Webhooks that are neither delivered nor abandoned, oldest first. */
  undelivered(): WebhookEvent[];
  /** Records that a webhook was delivered or abandoned. */
  settle(event: WebhookEvent, outcome: Delivery): void;
  /** Resolves when all changes are on disk. */
  flush(): Promise<void>;
  /** The log as JSON lines. */
  read(): Readable;
  /** Closes the log. */
  close(): Promise<void>;
}

/** Opens the journal at `path` and rebuilds the state from it. `announce` gets each webhook once it is durable. */
export async function openJournal<R extends Resource>(
  path: string,
  announce: (event: WebhookEvent) => void,
): Promise<Journal<R>> {
  const resources = new Map<string, R>();
  const references = new Map<string, Set<string>>();
  const operations = new Map<string, RecordedOperation>();
  const webhooks = new Map<string, WebhookEvent>();
  const notes = new Set<string>();
  let seq = 0;

  function apply(line: Line<R>): void {
    seq = line.seq;
    if ("note" in line) notes.add(line.note);
    else if ("webhookId" in line) webhooks.delete(line.webhookId);
    else {
      const { type, at, resource, operation, webhook } = line;
      resources.set(resource.id, resource);
      const ids = references.get(resource.reference) ?? new Set();
      references.set(resource.reference, ids.add(resource.id));
      if (operation) operations.set(operation.key, { ...operation, type, at, resourceId: resource.id });
      if (webhook) webhooks.set(webhook.id, webhook);
    }
  }

  const log = await openDurableLog(path, (record) => apply(record as Line<R>)); // Only `write` ever wrote to this file.

  function write(line: Line<R>): void {
    apply(line);
    log.append(line);
  }

  function frame(): { seq: number; at: string } {
    return { seq: seq + 1, at: new Date().toISOString() };
  }

  return {
    record({ webhook: data, ...change }, operation) {
      const { seq, at } = frame();
      const webhook = data && { id: `evt_${randomUUID()}`, type: change.type, createdAt: at, data };
      write({ seq, at, ...change, ...(operation && { operation }), ...(webhook && { webhook }) });
      // A flush that fails ends the process.
      if (webhook) void log.flush().then(() => announce(webhook));
    },
    get: (id) => resources.get(id),
    byReference: (reference) => [...(references.get(reference) ?? [])].flatMap((id) => resources.get(id) ?? []),
    all: () => resources.values(),
    operation: (key) => operations.get(key),
    note(note) {
      if (notes.has(note)) return false;
      write({ ...frame(), type: "note", note });
      return true;
    },
    undelivered: () => [...webhooks.values()],
    settle(event, outcome) {
      if (webhooks.has(event.id)) write({ ...frame(), type: `webhook.${outcome}` as const, webhookId: event.id });
    },
    flush: () => log.flush(),
    read: () => log.read(),
    close: () => log.close(),
  };
}
