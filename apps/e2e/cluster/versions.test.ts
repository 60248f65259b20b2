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
      expect(added.map((name) => name.slice(15))).toEqual(expect.arrayContaining(["order_search", "orders"]));
      const ofMessaging = addedIn(`${folder}/packages/messaging/prisma/messaging`);
      expect(ofMessaging.map((name) => name.slice(15))).toEqual(expect.arrayContaining(["inbox", "outbox"]));
      // A table that moved from a service to a package is migrated once.
      expect(addedIn(`${folder}/packages/idempotency/prisma/idempotency`)).toHaveLength(1);
      expect(added.map((name) => name.slice(15))).not.toContain("idempotency_claims");
      expect(readdirSync(migrations).sort().slice(-added.length)).toEqual(added);
      expect(readFileSync(`${migrations}/${added[0]}/migration.sql`, "utf8")).toContain("ADD COLUMN");
      expect(existsSync(`${folder}/apps/gateway/prisma`)).toBe(false);
      expect(existsSync(`${folder}/node_modules`)).toBe(false);
    });
  }, 60_000);

  it("begin at a commit, and name an unknown one", async () => {
    expect(await atCommit("HEAD", async (folder) => existsSync(`${folder}/package.json`))).toBe(true);
    await expect(atCommit("nowhere", async () => true)).rejects.toThrow("--from nowhere: ");
  });
});
