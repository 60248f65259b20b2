import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { atCommit, ofNextVersion } from "./versions.ts";

describe("versions of a rehearsal", () => {
  it("have, as the next one, a migration more for every table, after all others", async () => {
    await ofNextVersion(async (folder) => {
      const migrations = `${folder}/apps/orders/prisma/migrations`;
      const addedIn = (path: string) =>
        readdirSync(path)
          .sort()
          .filter((name) => name.startsWith("9999"));
      const added = addedIn(migrations);
      expect(added.map((name) => name.slice(15))).toEqual(
        expect.arrayContaining(["orders_order_search", "orders_orders", "orders_idempotency_claims"]),
      );
      const ofMessaging = addedIn(`${folder}/packages/messaging/prisma/messaging`);
      expect(ofMessaging.map((name) => name.slice(15))).toEqual(
        expect.arrayContaining(["messaging_inbox", "messaging_outbox"]),
      );
      const ofIdempotency = addedIn(`${folder}/packages/idempotency/prisma/idempotency`);
      expect(ofIdempotency.filter((name) => added.includes(name))).toEqual([]); // The table moved there from orders.
      expect(readdirSync(migrations).sort().slice(-added.length)).toEqual(added);
      expect(readFileSync(`${migrations}/${added[0]}/migration.sql`, "utf8")).toContain("ADD COLUMN");
      expect(existsSync(`${folder}/apps/gateway/prisma`)).toBe(false);
      expect(existsSync(`${folder}/node_modules`)).toBe(false);
    });
  }, 60_000);

  it("begin at a commit, and say which is unknown", async () => {
    expect(await atCommit("HEAD", async (folder) => existsSync(`${folder}/package.json`))).toBe(true);
    await expect(atCommit("nowhere", async () => true)).rejects.toThrow("--from nowhere: ");
  });
});
