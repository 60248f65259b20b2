import type { Database } from "@kontor/postgres";
import { fail } from "../src/index.ts";
import type { Remote } from "./world.ts";

/** A remote whose memory outlives the process that called it. */
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
