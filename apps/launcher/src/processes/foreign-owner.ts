import { statSync } from "node:fs";
import { postgresUser } from "@kontor/servers";

/** Returns why PostgreSQL cannot use the folder of its data, which only its owner may read. Undefined when it can. */
export function foreignOwner(folder: string): string | undefined {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  const uid = postgresUser().uid ?? process.getuid?.();
  if (owner === undefined || uid === undefined || owner === uid) return undefined;
  return `${folder} belongs to the user ${owner}, and PostgreSQL would run as the user ${uid}.
Start as the user who started it first, or choose another folder: npm start -- --data DIR`;
}
