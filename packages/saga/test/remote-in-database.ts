import type { Database } from "@kontor/postgres";
import { fail } from "../src/index.ts";
import type { Remote } from "./environment.ts";

/** Creates a remote that stores its calls in the database, so that they survive the calling process. */
export function remoteInDatabase(db: Database, saga: string, failing: string): Remote {
  return {
    calls: [],
    on: {},
    async call(name) {
      await db.query("INSERT INTO facts (saga, fact) VALUES ($1, $2)", [saga, name]);
      return name === failing ? fail("REFUSED", "No.") : undefined;
    },
  };
}
