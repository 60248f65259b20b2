import { randomUUID } from "node:crypto";
import { defineErrors } from "@kontor/errors";
import { event, outbox } from "@kontor/messaging";
import { type Database, isUniqueViolation } from "@kontor/postgres";
import { BookLentSchema } from "./gen/acme/library/v1/events_pb.js";

const libraryErrors = defineErrors("library.acme", {
  BOOK_LENT: {
    code: "FAILED_PRECONDITION",
    message: (f: { isbn: string }) => `The book ${f.isbn} is lent.`,
    de: "Das Buch {isbn} ist verliehen.",
  },
});

/**
 * Lends a book: the loan and its event commit together. Returns the id of the loan.
 *
 * @throws KontorError BOOK_LENT while another reader has the book.
 */
export async function lendBook(db: Database, { isbn, reader }: { isbn: string; reader: string }): Promise<string> {
  const loanId = randomUUID();
  try {
    await db.transaction(async (tx) => {
      await tx.query("INSERT INTO loans (id, isbn, reader) VALUES ($1, $2, $3)", [loanId, isbn, reader]);
      await outbox.append(tx, [event(BookLentSchema, { loanId, isbn, reader }, { key: isbn })]);
    });
  } catch (error) {
    throw isUniqueViolation(error) ? libraryErrors.BOOK_LENT({ isbn }) : error;
  }
  return loanId;
}
