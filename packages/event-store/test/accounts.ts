import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { startPostgres } from "@kontor/testing";
import * as z from "zod/mini";
import {
  createEventStore,
  defineEvents,
  defineProjection,
  type EventShape,
  type EventStoreOptions,
  eventStoreTables,
} from "../src/index.ts";

export type AccountEvent =
  | { readonly type: "opened"; readonly owner: string }
  | { readonly type: "paid-in"; readonly amount: number };

export type Account = { readonly owner: string; readonly balance: number };

export const account = {
  initial: { owner: "", balance: 0 } as Account,
  apply(state: Account, event: AccountEvent): Account {
    switch (event.type) {
      case "opened":
        return { ...state, owner: event.owner };
      case "paid-in":
        return { ...state, balance: state.balance + event.amount };
    }
  },
};

export function shapeOf<S extends z.ZodMiniType>(schema: S): EventShape<z.output<S>> {
  return { encode: (facts) => z.encode(schema, facts), decode: (data) => z.parse(schema, data) };
}

const opening = { shape: shapeOf(z.object({ owner: z.string() })) };
/** The events in version 1. */
export const accountCodec = defineEvents<AccountEvent>({
  opened: opening,
  "paid-in": { shape: shapeOf(z.object({ amount: z.int() })) },
});
/** A later release: version 2 of a payment is in cents, version 3 names a currency. It stores the sum in whole units, as before. */
export const laterCodec = defineEvents<AccountEvent>({
  opened: opening,
  "paid-in": {
    version: 3,
    shape: shapeOf(
      z.codec(z.object({ cents: z.int(), currency: z.string() }), z.object({ amount: z.int() }), {
        decode: ({ cents }) => ({ amount: cents / 100 }),
        encode: ({ amount }) => ({ cents: amount * 100, currency: "EUR" }),
      }),
    ),
    upcasters: {
      1: ({ amount, ...rest }) => ({ ...rest, cents: Number(amount) * 100 }),
      2: (data) => ({ ...data, currency: "EUR" }),
    },
  },
});

/** Sums the payments; `version` shows that the events of a stream arrive in order and once. */
export const balances = defineProjection<AccountEvent>({
  name: "balances",
  tables: ["balances"],
  apply: async (tx, events) => {
    for (const { streamId, version, event, recordedAt } of events)
      await tx.query(
        `INSERT INTO balances AS b (id, balance, version, changed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET balance = b.balance + $2, version = $3, changed_at = $4`,
        [streamId, event.type === "paid-in" ? event.amount : 0, version, recordedAt],
      );
  },
});

export const opened = (owner: string): AccountEvent => ({ type: "opened", owner });
export const paidIn = (amount: number): AccountEvent => ({ type: "paid-in", amount });

export async function aBank(options: Partial<EventStoreOptions<AccountEvent>> = {}) {
  const postgres = await startPostgres();
  const database = await postgres.createDatabase("events", { owner: true });
  const db: Database = openDatabase({ url: database.url, service: "event-store-test" });
  await migrate({ url: database.url, folders: [eventStoreTables], log: { info: () => undefined } });
  await db.query(`CREATE TABLE balances (
    id text CONSTRAINT balances_key PRIMARY KEY, balance integer NOT NULL, version bigint NOT NULL, changed_at timestamptz NOT NULL)`);
  await db.query("CREATE INDEX by_balance ON balances (balance) WHERE balance > 0");
  const store = createEventStore<AccountEvent>({ codec: accountCodec, projections: [balances], ...options });
  return {
    db,
    store,
    append: (id: string, expected: number, ...events: AccountEvent[]) =>
      db.transaction((tx) => store.append(tx, id, expected, events)),
    async close() {
      await db.close();
      await database.drop();
    },
  };
}
