import { readFile } from "node:fs/promises";
import type { Database } from "@kontor/postgres";

/** Creates the tables of this package in an empty database. For tests: services have them in their first migration. */
export async function installMessaging(db: Database): Promise<void> {
  const script = await readFile(new URL("../sql/messaging.sql", import.meta.url), "utf8");
  await db.query(script);
}
