import { type ConsumerDefinition, defineConsumer, on } from "@kontor/messaging";
import type { Database } from "@kontor/postgres";
import { BookLentSchema } from "./gen/acme/library/v1/events_pb.js";

/** Counts each loan once, in the transaction of the inbox. */
export const demandConsumer: ConsumerDefinition = defineConsumer({
  durable: "library-demand",
  stream: "library",
  handlers: [
    on(BookLentSchema, async ({ isbn }, { tx }) => {
      await tx.query("INSERT INTO demand VALUES ($1, 1) ON CONFLICT (isbn) DO UPDATE SET loans = demand.loans + 1", [
        isbn,
      ]);
    }),
  ],
});

/** Returns how often a book was lent; 0 for a book that was never lent. */
export async function demandOf(db: Database, isbn: string): Promise<number> {
  const [row] = await db.query("SELECT loans FROM demand WHERE isbn = $1", [isbn]);
  return Number(row?.loans ?? 0);
}
