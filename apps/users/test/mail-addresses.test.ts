import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, PASSWORD, type Shop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const register = (email: string) => shop.users.register({ email, password: PASSWORD });
const NFC = "j\u00fcrgen1@b\u00fccher.example";
const NFD = "ju\u0308rgen1@bu\u0308cher.example";
const PUNYCODE = "j\u00fcrgen1@xn--bcher-kva.example";

describe("one mailbox", () => {
  it("has one account, for any spelling at registration and log-in", async () => {
    const { user } = await register(NFD);
    expect(user?.email).toBe(NFC);
    for (const email of [NFC, NFD, PUNYCODE, NFC.toUpperCase()]) {
      await expect(register(email)).rejects.toMatchObject({ code: "ALREADY_EXISTS", reason: "EMAIL_TAKEN" });
      expect((await shop.signIn(email)).userId).toBe(user?.id);
    }
  });

  it.each(["\u200bzw1@example.com", "z\u00adw1@example.com", "zw1\u2060@example.com", "zw1@example.com\u200e"])(
    "has no invisible characters: %j",
    async (email) => {
      const violations = [{ field: "email" }];
      await expect(register(email)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", violations });
      await expect(shop.signIn(email)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", violations });
    },
  );
});

describe("accounts of before addresses had keys", () => {
  const older = async (names: Readonly<Record<string, string>>) => {
    const made: Record<string, string> = {};
    for (const [name, email] of Object.entries(names)) {
      made[name] = (await shop.register(name)).userId;
      await shop.db.query("UPDATE users SET email = $2, email_key = NULL WHERE id = $1", [made[name], email]);
    }
    return made;
  };

  it("keep their address, and other spellings of it are reserved from the next start on", async () => {
    const { ada } = await older({ ada: "Ada@B\u00fccher.example" });
    await shop.replica();
    expect((await shop.signIn("ada@xn--bcher-kva.example")).userId).toBe(ada);
    await expect(register("ada@bu\u0308cher.example")).rejects.toMatchObject({ reason: "EMAIL_TAKEN" });
    expect(await shop.db.query("SELECT email FROM users WHERE id = $1", [ada])).toEqual([
      { email: "Ada@B\u00fccher.example" },
    ]);
  });

  it("are not merged: the one that is spelt as today has the address, the others log in as they registered", async () => {
    const twins = {
      hidden: "\u200btwin@example.com",
      decomposed: "twi\u006e\u0303@example.com",
      composed: "twi\u00f1@example.com",
      plain: "twin@example.com",
    };
    const ids = await older(twins);
    await shop.replica();
    for (const [name, email] of Object.entries(twins)) expect((await shop.signIn(email)).userId).toBe(ids[name]);
    const rows = await shop.db.query("SELECT id FROM users WHERE email_key IS NULL");
    expect(rows.map(({ id }) => id).sort()).toEqual([ids.hidden, ids.decomposed].sort());
    expect(shop.logged()).toContain("accounts without their own mail address");
    await expect(register("TWIN@example.com")).rejects.toMatchObject({ reason: "EMAIL_TAKEN" });
  });
});

describe("a name", () => {
  it.each(["\u200b", "\u3164", "\u202egnp.exe", "Ada\u2067", "Ada\u2028Lovelace", "A".repeat(201)])(
    "is refused that shows nothing, turns the text or is too long: %j",
    async (displayName) => {
      const request = { email: "named@example.com", password: PASSWORD, displayName };
      const violations = [{ field: "displayName" }];
      await expect(shop.users.register(request)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", violations });
    },
  );

  it("is stored in NFC, and may be 200 emoji", async () => {
    const { user } = await shop.users.register({
      email: "zoe@example.com",
      password: PASSWORD,
      displayName: " Zoe\u0308 ",
    });
    expect(user?.displayName).toBe("Zo\u00eb");
    const displayName = "\u{1f600}".repeat(200);
    await expect(
      shop.users.register({ email: "joy@example.com", password: PASSWORD, displayName }),
    ).resolves.toBeDefined();
  });
});
