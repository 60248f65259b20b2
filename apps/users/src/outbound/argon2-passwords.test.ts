import { describe, expect, it } from "vitest";
import { createPasswords } from "./argon2-passwords.ts";

describe("passwords", () => {
  it("are hashed by Argon2id with 19 MiB and two passes, each with its own salt", async () => {
    const passwords = await createPasswords({ workers: 2, queue: 2 });
    const [one, two] = await Promise.all([passwords.hash("correct horse"), passwords.hash("correct horse")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it("match however a keyboard composes their letters, and never match no hash", async () => {
    const passwords = await createPasswords({ workers: 2, queue: 2 });
    const hash = await passwords.hash("Zürich-\u00e9t\u00e9");
    expect(await passwords.verify(hash, "Zu\u0308rich-e\u0301te\u0301")).toBe(true);
    expect(await passwords.verify(hash, "Zurich-ete")).toBe(false);
    expect(await passwords.verify(undefined, "Zurich-ete")).toBe(false);
  });

  it("are refused when too many wait, also those of unknown users", async () => {
    const passwords = await createPasswords({ workers: 1, queue: 1 });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => passwords.verify(undefined, "whatever")));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(outcomes[2]).toMatchObject({ reason: { code: "RESOURCE_EXHAUSTED", reason: "PASSWORDS_BUSY" } });
  });
});
