import { statement } from "../gen/statements.ts";
import type { Recipients } from "../ports.ts";

const PUT = statement(
  "recipients.put",
  `INSERT INTO recipients AS known (user_id, email, display_name, locale, updated_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (user_id) DO UPDATE
  SET email = excluded.email, display_name = excluded.display_name, locale = excluded.locale, updated_at = excluded.updated_at
  WHERE known.updated_at <= excluded.updated_at`,
);

/** Recipients in PostgreSQL. */
export const recipientStore: Recipients = {
  async put(tx, { userId, email, displayName, locale }, at) {
    await tx.query(PUT, [userId, email, displayName, locale, at]);
  },
};
