import type { ClientBase } from "pg";
import pg from "pg";
import { selectRows } from "./select-rows.ts";

/** The role that runs a service, and its history tables. */
export interface RunRole {
  /** The role that the service runs as. It exists already, because the owner of a database may not create roles. */
  readonly role: string;
  /** Tables whose rows are never changed or removed by that role; partitions of them included. */
  readonly history: readonly string[];
}

/** A role or a declaration that grants cannot be derived from. */
export class RunRoleError extends Error {
  override readonly name = "RunRoleError";
}

interface Relation {
  readonly name: string;
  /** `table`, `view` or `sequence`. */
  readonly kind: string;
  readonly history: boolean;
  readonly held: readonly string[];
}

const MIGRATIONS = "_prisma_migrations";

/**
 * Grants the role that runs exactly its rights in the current schema: it reads and writes rows, adds to history without changing it, reads
 * which migrations were applied, and defines nothing. PUBLIC loses its rights in the database. Correct grants remain, so repeating it
 * changes nothing. Called by the owner of the tables, in a transaction.
 *
 * @throws RunRoleError if the role is missing or above all grants, or if a table of the history does not exist.
 */
export async function grantRunRole(client: ClientBase, { role, history }: RunRole): Promise<void> {
  for (const statement of await missingGrants(client, { role, history })) await client.query(statement);
}

/** Returns the statements that are needed for the role to have exactly its rights. */
export async function missingGrants(client: ClientBase, { role, history }: RunRole): Promise<readonly string[]> {
  const quoted = pg.escapeIdentifier(role);
  await requireOrdinaryRole(client, role);
  const columns = { name: "text", kind: "text", history: "boolean", held: "texts" } as const;
  const rows: readonly Relation[] = await selectRows(client, columns, RELATIONS, [role, history]);
  const absent = history.find((table) => !rows.some(({ name, kind }) => kind === "table" && name === table));
  if (absent !== undefined) throw new RunRoleError(`The history names the table ${absent}, which does not exist.`);
  const surroundings = await selectRows(client, { statement: "text" }, SURROUNDINGS, [role]);
  return [...surroundings.map(({ statement }) => statement), ...rows.flatMap((relation) => grantsOf(relation, quoted))];
}

function grantsOf(relation: Relation, role: string): readonly string[] {
  const wanted = rightsOn(relation);
  if (wanted.join() === relation.held.join()) return [];
  const object = `${relation.kind === "sequence" ? "SEQUENCE" : "TABLE"} ${pg.escapeIdentifier(relation.name)}`;
  return [`REVOKE ALL ON ${object} FROM ${role}`, `GRANT ${wanted.join(", ")} ON ${object} TO ${role}`];
}

function rightsOn({ name, kind, history }: Relation): readonly string[] {
  if (kind === "sequence") return ["USAGE"];
  if (kind === "view" || name === MIGRATIONS) return ["SELECT"];
  return history ? ["SELECT", "INSERT"] : ["SELECT", "INSERT", "UPDATE", "DELETE"];
}

async function requireOrdinaryRole(client: ClientBase, role: string): Promise<void> {
  const [found] = await selectRows(
    client,
    { above: "boolean", owner: "text" },
    `SELECT rolsuper OR pg_has_role(oid, current_user, 'MEMBER') AS above, current_user AS owner
     FROM pg_roles WHERE rolname = $1`,
    [role],
  );
  if (found === undefined) {
    throw new RunRoleError(
      `The role ${role} does not exist. Create it: CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN PASSWORD '…'.`,
    );
  }
  if (found.above) {
    throw new RunRoleError(
      `The role ${role} is a superuser or has the rights of ${found.owner}, which owns the tables. Name a role without them in DATABASE_RUN_ROLE.`,
    );
  }
}

/** Returns the objects of the current schema and the role's rights on them, in the order of `rightsOn`. */
const RELATIONS = `
SELECT c.relname::text AS name,
  CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' ELSE 'table' END AS kind,
  c.relname = ANY ($2::text[]) OR EXISTS (
    SELECT FROM pg_partition_ancestors(c.oid) a JOIN pg_class p ON p.oid = a.relid WHERE p.relname = ANY ($2::text[])) AS history,
  CASE WHEN c.relkind = 'S' THEN
    ARRAY (SELECT r FROM unnest(ARRAY['USAGE', 'UPDATE']) r WHERE has_sequence_privilege($1::text, c.oid, r))
  ELSE
    ARRAY (SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) r
           WHERE has_table_privilege($1::text, c.oid, r)
              OR r IN ('INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege($1::text, c.oid, r))
  END AS held
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  -- The sequence of an identity column needs no right of its own.
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i' AND c.relkind = 'S')
ORDER BY c.relname`;

/** Returns the statements that correct the rights of the role and PUBLIC on the database and the schema. */
const SURROUNDINGS = `
WITH target AS (
  SELECT d.oid, d.datname, coalesce(d.datacl, acldefault('d', d.datdba)) AS acl, pg_has_role(d.datdba, 'USAGE') AS ours
  FROM pg_database d WHERE d.datname = current_database()),
home AS (
  SELECT n.oid, n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl, pg_has_role(n.nspowner, 'USAGE') AS ours
  FROM pg_namespace n WHERE n.nspname = current_schema())
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname) AS statement FROM target
  WHERE ours AND EXISTS (SELECT FROM aclexplode(acl) WHERE grantee = 0)
UNION ALL SELECT format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', nspname) FROM home
  WHERE ours AND EXISTS (SELECT FROM aclexplode(acl) WHERE grantee = 0 AND privilege_type = 'CREATE')
UNION ALL SELECT format('GRANT CONNECT ON DATABASE %I TO %I', datname, $1::text) FROM target
  WHERE ours AND NOT EXISTS (SELECT FROM aclexplode(acl) WHERE grantee = $1::regrole AND privilege_type = 'CONNECT')
UNION ALL SELECT format('GRANT USAGE ON SCHEMA %I TO %I', nspname, $1::text) FROM home
  WHERE NOT has_schema_privilege($1::text, oid, 'USAGE')
UNION ALL SELECT format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT ON TABLES TO %I', nspname, $1::text) FROM home
  WHERE NOT EXISTS (
    SELECT FROM pg_default_acl d, aclexplode(d.defaclacl) a
    WHERE d.defaclrole = current_user::regrole AND d.defaclnamespace = home.oid AND d.defaclobjtype = 'r'
      AND a.grantee = $1::regrole AND a.privilege_type = 'INSERT')`;
