import { conditions } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";

/** The body of a note. */
export interface Body {
  readonly text: string;
}

export const ADD = statement(
  "notes.add",
  `INSERT INTO notes (id, stage, body, parent, seen, tags, weight, checksum, day)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *`,
);
export const FIND = statement("notes.find", "SELECT id, stage, body FROM notes WHERE id = $1");
export const WITH_PARENT = statement(
  "notes.with-parent",
  `SELECT n.id, p.stage AS "parentStage", coalesce(p.stage, n.stage) AS either, count(*) OVER () AS total,
    nullif(n.stage, 'draft') AS public, CASE WHEN n.seen IS NULL THEN 'new' ELSE 'old' END AS age
  FROM notes n LEFT JOIN notes p ON p.id = n.parent`,
);
export const FIRST = statement("notes.first", "SELECT * FROM first_note()", { columns: { "*": "notes" } });
export const TEXTS = statement("notes.texts", "SELECT json_agg(body) AS bodies FROM notes", {
  columns: { bodies: 'import("../statements.ts").Body[] | null' },
});
export const CLEAR = statement("notes.clear", "DELETE FROM notes");

export const list = statement.dynamic(
  "notes.list",
  (stage: string | undefined, limit: number) => {
    const filter = conditions();
    filter.where(stage, (value) => `stage = ${value}`);
    return {
      text: `SELECT id, stage FROM notes WHERE ${filter} ORDER BY id LIMIT ${filter.parameter(limit)}`,
      values: filter.values,
    };
  },
  [
    [undefined, 1],
    ["draft", 1],
  ],
);
