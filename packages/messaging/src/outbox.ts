import type { Tx } from "@kontor/postgres";
import { injectTrace } from "@kontor/telemetry";
import type { OutgoingEvent } from "./event.ts";
import { VERSION_HEADER } from "./event-version.ts";
import { statement } from "./gen/statements.ts";

const INSERT = statement(
  "outbox.append",
  `INSERT INTO outbox (id, type, key, payload, headers)
  SELECT id, type, key, payload,
    CASE WHEN version = 1 THEN $5::jsonb ELSE $5::jsonb || jsonb_build_object('${VERSION_HEADER}', version::text) END
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $6::int[]) WITH ORDINALITY
    AS event (id, type, key, payload, version, place)
  ORDER BY place`,
);

const relays = new Set<() => void>();

/** Where events go: into the transaction of the change they tell about. */
export const outbox = {
  /**
   * Records events to be published after the commit, in this order, with the active trace. Take the lock of the
   * aggregate's row first: that is what orders the events of one key between transactions.
   */
  append: async (tx: Tx, events: readonly OutgoingEvent[]): Promise<void> => {
    if (events.length === 0) return;
    const headers: Record<string, string> = {};
    injectTrace(headers);
    const values = [
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ key }) => key),
      events.map(({ payload }) => Buffer.from(payload)),
      JSON.stringify(headers),
      events.map(({ version }) => version),
    ] as const;
    await tx.query(INSERT, values);
    tx.afterCommit(wakeRelays);
  },
};

/** Calls `wake` whenever this process has committed events; the answer ends that. */
export function onAppended(wake: () => void): () => void {
  relays.add(wake);
  return () => relays.delete(wake);
}

function wakeRelays(): void {
  for (const wake of relays) wake();
}
