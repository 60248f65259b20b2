import type { Sql } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { VatChecks } from "../ports.ts";

const RECORD = statement(
  "vat-checks.record",
  `INSERT INTO vat_checks (vat_id, valid, consultation_number, checked_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (vat_id) DO UPDATE
  SET valid = EXCLUDED.valid, consultation_number = EXCLUDED.consultation_number, checked_at = EXCLUDED.checked_at`,
);
const FIND = statement(
  "vat-checks.find",
  `SELECT vat_id AS "vatId", valid, consultation_number AS "consultationNumber", checked_at AS "checkedAt"
  FROM vat_checks WHERE vat_id = $1`,
);

/** Creates the store of checks in PostgreSQL. */
export function createVatChecks(db: Sql): VatChecks {
  return {
    async record({ vatId, valid, consultationNumber = null, checkedAt }) {
      await db.query(RECORD, [vatId, valid, consultationNumber, checkedAt]);
    },
    async find(vatId) {
      const [row] = await db.query(FIND, [vatId]);
      if (row === undefined) return undefined;
      const { consultationNumber, ...check } = row;
      return { ...check, ...(consultationNumber !== null && { consultationNumber }) };
    },
  };
}
