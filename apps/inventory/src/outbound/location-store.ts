import type { Sql } from "@kontor/postgres";
import type { Location } from "../domain/stock.ts";
import type { Locations } from "../ports.ts";

export function createLocationStore(db: Sql): Locations {
  return {
    async add({ id, name }) {
      await db.query("INSERT INTO locations (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", [id, name]);
      const [kept] = await db.query<Location>("SELECT id, name FROM locations WHERE id = $1", [id]);
      if (kept) return kept;
      throw new Error(`Location ${id} has vanished.`);
    },
    list: () => db.query<Location>("SELECT id, name FROM locations ORDER BY id"),
  };
}
