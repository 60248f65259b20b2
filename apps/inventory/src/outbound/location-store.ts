import type { Database } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { Locations } from "../ports.ts";

const ADD = statement("locations.add", "INSERT INTO locations (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING");
const FIND = statement("locations.find", "SELECT id, name FROM locations WHERE id = $1");
const LIST = statement("locations.list", "SELECT id, name FROM locations ORDER BY id");

export function createLocationStore(db: Database): Locations {
  return {
    async add({ id, name }) {
      await db.query(ADD, [id, name]);
      const [kept] = await db.query(FIND, [id]);
      if (kept) return kept;
      throw new Error(`Location ${id} has vanished.`);
    },
    list: () => db.reads.query(LIST),
  };
}
