import { describe, expect, it } from "vitest";
import { createKeySeal } from "./key-seal.ts";

describe("sealing a private key", () => {
  it("hides it, and opens with the same secret", () => {
    const stored = createKeySeal("secret").seal("kid", "private");
    expect(stored.sealed).toBe(true);
    expect(stored.bytes.toString("latin1")).not.toContain("private");
    expect(createKeySeal("secret").open("kid", stored)).toBe("private");
  });

  it("fails to open with another secret, without one, under another kid, or changed", () => {
    const stored = createKeySeal("secret").seal("kid", "private");
    const changed = Buffer.from(stored.bytes);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => createKeySeal("other").open("kid", stored)).toThrow("another SIGNING_KEY_SECRET");
    expect(() => createKeySeal(undefined).open("kid", stored)).toThrow("Set SIGNING_KEY_SECRET");
    expect(() => createKeySeal("secret").open("kid-2", stored)).toThrow();
    expect(() => createKeySeal("secret").open("kid", { bytes: changed, sealed: true })).toThrow();
  });

  it("without a secret leaves it unchanged, and a secret set later still reads it", () => {
    const stored = createKeySeal(undefined).seal("kid", "private");
    expect(createKeySeal("secret").open("kid", stored)).toBe("private");
  });
});
