import { readFile } from "node:fs/promises";
import type { Database } from "@kontor/postgres";

const SCRIPTS = ["messaging.sql", "deferred-messages.sql"];

/** Creates the tables of this package in an empty database. For tests: services have them in their migrations. */
export async function installMessaging(db: Database): Promise<void> {
  for (const script of SCRIPTS) await db.query(await readFile(new URL(`../sql/${script}`, import.meta.url), "utf8"));
}
