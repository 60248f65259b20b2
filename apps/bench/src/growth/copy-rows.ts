import pg from "pg";
import type { GrowingTable } from "./tables.ts";

/** The ids of an order, or of a product and its variants. */
export type Template = readonly string[];

/** How many copies of which rows are made. */
export type Copies = {
  /** The orders or products whose rows are copied in turns, each with all of its ids. */
  readonly templates: readonly Template[];
  readonly count: number;
  /** The copies are as old as if one had come in each of these intervals, the last one now. */
  readonly secondsApart: number;
};

type Column = { readonly name: string; readonly type: string; readonly identity: boolean };

/** Copies of an id are spread over so many buyers. */
const BUYERS = 100_000;
/** Columns whose values all copies share, though they are part of a key. */
const SHARED = new Set(["name", "scope", "account", "consumer", "location_id", "provider", "category_id"]);
const TIME = "timestamp with time zone";

/**
 * Copies the rows of some orders or products many times by `INSERT … SELECT … generate_series`. The id of
 * a copy is derived from its template's id and its number, alike in all tables and databases. So copies of related rows are related. Triggers and foreign keys are off.
 */
export async function copyRows(url: string, tables: readonly GrowingTable[], copies: Copies): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off");
    for (const [index, template] of copies.templates.entries()) {
      const ids = await idsOf(client, tables, template);
      for (const one of tables) await copyTable(client, one, template, ids, { ...copies, first: index });
    }
    for (const { table } of tables) await client.query(`VACUUM ANALYZE "${table}"`);
  } finally {
    await client.end();
  }
}

/** Returns the values that keys of a template's rows have: every column that holds one of them differs in each copy. */
async function idsOf(client: pg.Client, tables: readonly GrowingTable[], template: Template): Promise<Set<string>> {
  const ids = new Set(template);
  for (const { table, of } of tables) {
    const keys = await keysOf(client, table);
    const { rows } = await client.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) AS row FROM "${table}" t WHERE ${of}`,
      [template],
    );
    for (const { row } of rows)
      for (const key of keys) if (typeof row[key] === "string" && !SHARED.has(key)) ids.add(row[key]);
  }
  return ids;
}

async function copyTable(
  client: pg.Client,
  { table, of, buyer }: GrowingTable,
  template: Template,
  ids: ReadonlySet<string>,
  { templates, count, secondsApart, first }: Copies & { readonly first: number },
): Promise<void> {
  const columns = (await columnsOf(client, table)).filter(({ identity }) => !identity);
  const known = `ARRAY[${[...ids].map((id) => pg.escapeLiteral(id)).join(", ")}]`;
  const expressionOf = ({ name, type }: Column): string => {
    const column = `t."${name}"`;
    if (type === TIME) return `${column} - (${count} - n) * interval '${secondsApart} s'`;
    if (type === "uuid")
      return `CASE WHEN ${column}::text = ANY (${known}) THEN md5(${column}::text || n)::uuid ELSE ${column} END`;
    if (type !== "text") return column;
    const copied = `CASE WHEN ${column} ~ '^[0-9a-f]{8}-' THEN md5(${column} || n)::uuid::text ELSE ${column} || '-' || n END`;
    if (name === buyer) return `CASE WHEN ${column} = '' THEN '' ELSE md5(${column} || n % ${BUYERS})::uuid::text END`;
    return `CASE WHEN ${column} = ANY (${known}) THEN ${copied} ELSE ${column} END`;
  };
  const names = columns.map(({ name }) => `"${name}"`).join(", ");
  await client.query(
    `INSERT INTO "${table}" (${names})
     SELECT ${columns.map(expressionOf).join(", ")} FROM generate_series($2::int, $3::int, $4::int) n CROSS JOIN "${table}" t
     WHERE ${of}`,
    [template, first, count - 1, templates.length],
  );
}

async function columnsOf(client: pg.Client, table: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `SELECT column_name AS name, data_type AS type,
       is_identity = 'YES' OR coalesce(column_default LIKE 'nextval(%', false) OR is_generated = 'ALWAYS' AS identity
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position`,
    [table],
  );
  return rows;
}

/** Returns the columns of primary and unique keys. */
async function keysOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = to_regclass($1) AND i.indisunique`,
    [table],
  );
  return rows.map(({ name }) => name);
}
