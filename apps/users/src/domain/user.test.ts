import { describe, expect, it } from "vitest";
import { createCheck } from "./check.ts";
import { readEmail } from "./email.ts";
import { scopesOf } from "./role.ts";
import { changeProfile, changeRoles, type User } from "./user.ts";

const aUser = (overrides: Partial<User> = {}): User => ({
  id: "0190aaaa-0000-7000-8000-000000000001",
  email: "ada@example.com",
  displayName: "Ada",
  locale: "en",
  roles: ["customer"],
  createdAt: new Date("2026-11-21T12:00:00Z"),
  ...overrides,
});

describe("changing a profile", () => {
  it("keeps unnamed fields and brings the language tag into its canonical form", () => {
    expect(changeProfile(aUser(), { locale: "de-de" })).toEqual(aUser({ locale: "de-DE" }));
    expect(changeProfile(aUser({ locale: "de" }), { locale: "" }).locale).toBe("en");
  });
});

describe("changing roles", () => {
  it("replaces them, each once", () => {
    expect(changeRoles(aUser(), ["admin", "staff", "admin"]).roles).toEqual(["staff", "admin"]);
  });
});

describe("scopes", () => {
  it("grow from customer over staff to admin", () => {
    const [customer, staff, admin] = (["customer", "staff", "admin"] as const).map((role) => scopesOf([role]));
    expect(staff).toEqual(expect.arrayContaining([...(customer ?? [])]));
    expect(admin).toEqual(expect.arrayContaining([...(staff ?? []), "users.admin", "orders.operate"]));
    expect(customer).not.toContain("users.read");
    expect(staff).not.toContain("users.admin");
  });

  it("of several roles appear once", () => {
    const scopes = scopesOf(["customer", "staff", "admin"]);
    expect(new Set(scopes).size).toBe(scopes.length);
  });
});

describe("a mail address", () => {
  const read = (raw: string) => {
    const check = createCheck();
    const email = readEmail(raw, check);
    check.done();
    return email;
  };
  it("is stored without blanks around it", () => {
    expect(read(" Ada@Example.com ")).toEqual({ address: "Ada@example.com", key: "ada@example.com" });
  });
  it.each([
    "",
    "ada",
    "ada@",
    "@example.com",
    "a b@example.com",
    "ada@localhost",
    "a@b@c.de",
    "a\u0000@b.de",
    "a@b..de",
  ])("is not %j", (raw) => {
    expect(() => read(raw)).toThrow();
  });
});
