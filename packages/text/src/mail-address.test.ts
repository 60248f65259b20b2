import { describe, expect, it } from "vitest";
import { parseMailAddress } from "./mail-address.ts";

const key = (raw: string) => parseMailAddress(raw)?.key;

describe("a mail address", () => {
  it("is stored in NFC with the domain in lower case", () => {
    expect(parseMailAddress(" Ju\u0308rgen@Bu\u0308cher.Example ")).toEqual({
      address: "J\u00fcrgen@b\u00fccher.example",
      key: "j\u00fcrgen@xn--bcher-kva.example",
    });
    expect(parseMailAddress("Grace@Example.com")?.address).toBe("Grace@example.com");
  });

  it.each([
    ["j\u00fcrgen1@b\u00fccher.example", "ju\u0308rgen1@bu\u0308cher.example"],
    ["j\u00fcrgen1@b\u00fccher.example", "J\u00dcRGEN1@XN--BCHER-KVA.EXAMPLE"],
    ["ada@example.com", "ADA@EXAMPLE.COM"],
    ["ada@example.com", "ada@example\u3002com"],
    ["ada@example.com", "\uff41da@\uff45xample.com"],
    ["ada@example.com", " ada@example.com\n"],
    ["info@fa\u00df.example", "info@xn--fa-hia.example"],
  ])("has one key in all its spellings: %s, %s", (one, other) => {
    expect(key(one)).toBeDefined();
    expect(key(other)).toBe(key(one));
  });

  it.each([
    ["ada@example.com", "adа@example.com"],
    ["info@fass.example", "info@fa\u00df.example"],
    ["a.da@example.com", "ada@example.com"],
    ["ada+shop@example.com", "ada@example.com"],
  ])("has a separate key: %s, %s", (one, other) => {
    expect(key(one)).not.toBe(key(other));
  });

  it.each([
    ["a zero width space", "\u200bzw1@example.com"],
    ["a soft hyphen", "z\u00adw1@example.com"],
    ["a word joiner", "zw1\u2060@example.com"],
    ["a word joiner in the domain", "zw1@exam\u2060ple.com"],
    ["a soft hyphen in the domain", "zw1@exam\u00adple.com"],
    ["a zero width joiner", "z\u200dw1@example.com"],
    ["a left-to-right mark", "zw1\u200e@example.com"],
    ["an override", "\u202ezw1@example.com"],
    ["a Hangul filler", "zw\u3164@example.com"],
    ["a variation selector", "zw\ufe0f@example.com"],
    ["a tag", "zw\u{e0061}@example.com"],
    ["a NUL", "zw\0@example.com"],
    ["a blank", "z w@example.com"],
    ["a no-break space", "z\u00a0w@example.com"],
    ["two @", "a@b@example.com"],
    ["no @", "example.com"],
    ["no local part", "@example.com"],
    ["no domain", "a@"],
    ["one label", "a@localhost"],
    ["an empty label", "a@example..com"],
    ["a dot at the end", "a@example.com."],
    ["an address of the internet", "a@127.0.0.1"],
    ["a short address of the internet", "a@127.1"],
    ["a port", "a@example.com:25"],
    ["a path", "a@example.com/x"],
    ["wrong Punycode", "a@xn--a.example"],
    ["a label with a hyphen at its end", "a@example-.com"],
    ["an underscore in the domain", "a@exa_mple.com"],
    ["65 octets before the @", `${"a".repeat(65)}@example.com`],
    ["64 letters of two octets before the @", `${"\u00fc".repeat(64)}@example.com`],
    ["a label of 64", `a@${"b".repeat(64)}.com`],
    ["nothing", ""],
  ])("is none with %s", (_, raw) => {
    expect(parseMailAddress(raw)).toBeUndefined();
  });
});
