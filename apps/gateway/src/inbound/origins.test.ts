import { describe, expect, it } from "vitest";
import { readOrigins } from "./origins.ts";

describe("the origins that may call", () => {
  const allows = readOrigins(["https://Shop.example", "http://localhost:*", "http://[::1]:*", "http://10.0.0.7:3000"]);

  it.each([
    "https://shop.example",
    "http://localhost",
    "http://localhost:5173",
    "http://[::1]:3000",
    "http://10.0.0.7:3000",
  ])("include %s", (origin) => expect(allows(origin)).toBe(true));

  it.each([
    "https://shop.example:8443",
    "http://shop.example",
    "https://localhost:5173",
    "http://localhost.evil.example",
    "http://localhost:5173.evil.example",
    "http://10.0.0.7",
    "http://10.0.0.7:3001",
    "null",
    "",
  ])("do not include %j", (origin) => expect(allows(origin)).toBe(false));

  it("are all with *", () => expect(readOrigins(["*"])("https://any.example")).toBe(true));

  it.each(["shop.example", "https://*.example", "https://shop.example/", "https://a@b", "ftp://a", "http://a:*:*"])(
    "are refused at start when one is %j",
    (text) => expect(() => readOrigins([text])).toThrow(`CORS_ORIGINS: "${text}" is no origin`),
  );
});
