import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type bearer, openShop, PASSWORD, type Shop, STAFF } from "./shop.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.stop());

const admins = () => shop.db.query("SELECT email FROM users WHERE 'admin' = ANY (roles)");
const resign = (userId: string, auth: ReturnType<typeof bearer>) =>
  shop.users.setRoles({ userId, roles: ["customer"] }, auth);

describe("the last administrator", () => {
  it("cannot remove the role from himself", async () => {
    const admin = await shop.signIn(STAFF.email, STAFF.password);
    const refused = { code: "FAILED_PRECONDITION", reason: "LAST_ADMIN" };
    await expect(resign(admin.userId, admin.auth)).rejects.toMatchObject(refused);
    const staff = { userId: admin.userId, roles: ["staff"] };
    await expect(shop.users.setRoles(staff, admin.auth)).rejects.toMatchObject(refused);
    await shop.users.setRoles({ userId: admin.userId, roles: ["admin"] }, admin.auth);
    expect(await admins()).toHaveLength(1);
  });

  it("stays when all administrators resign at once", async () => {
    const first = await shop.signIn(STAFF.email, STAFF.password);
    const all = [first];
    for (const name of ["two", "three", "four"]) {
      const { userId, email } = await shop.register(name);
      await shop.users.setRoles({ userId, roles: ["admin"] }, first.auth);
      all.push(await shop.signIn(email));
    }
    const outcomes = await Promise.allSettled(all.map(({ userId, auth }) => resign(userId, auth)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ reason: "LAST_ADMIN" });
    expect(await admins()).toHaveLength(1);
  });

  it("is deleted by no statement", async () => {
    await shop.register("customer");
    await expect(shop.db.query("DELETE FROM users WHERE email = $1", [STAFF.email])).rejects.toThrow(
      /last administrator/,
    );
    await expect(shop.db.query("UPDATE users SET roles = '{customer}'")).rejects.toThrow(/last administrator/);
    await shop.db.query("DELETE FROM users WHERE email = 'customer@example.com'");
    expect(await admins()).toHaveLength(1);
  });
});

describe("a shop without an administrator", () => {
  it("gets STAFF_EMAIL back at the next start, with STAFF_PASSWORD and without its sessions", async () => {
    const before = await shop.signIn(STAFF.email, STAFF.password);
    await shop.db.query("ALTER TABLE users DISABLE TRIGGER USER");
    await shop.db.query("UPDATE users SET roles = '{customer}'");
    await shop.db.query("ALTER TABLE users ENABLE TRIGGER USER");
    await Promise.all([shop.replica({ staffPassword: PASSWORD }), shop.replica({ staffPassword: PASSWORD })]);
    await expect(shop.users.refreshSession(before)).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
    const { auth, userId } = await shop.signIn(STAFF.email, PASSWORD);
    await expect(shop.users.listUsers({}, auth)).resolves.toBeDefined();
    await expect(shop.users.setRoles({ userId, roles: ["admin"] }, auth)).resolves.toBeDefined();
  });

  it("whose password is lost gets another by a new STAFF_EMAIL", async () => {
    await shop.replica({ staffEmail: "rescue@kontor.example", staffPassword: PASSWORD });
    const { auth } = await shop.signIn("rescue@kontor.example", PASSWORD);
    await expect(shop.users.listUsers({}, auth)).resolves.toBeDefined();
  });
});
