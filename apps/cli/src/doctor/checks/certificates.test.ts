import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { expiry } from "./certificates.ts";

const [pem = ""] = rootCertificates;
const ends = new X509Certificate(pem).validToDate.getTime();
const day = 86_400_000;
const found = (daysBefore: number) =>
  expiry("secret/edge", pem, "renew it", ends - daysBefore * day).map(({ severity, problem }) => [severity, problem]);

describe("a certificate", () => {
  it("is good while it has three weeks left", () => expect(found(22)).toEqual([]));
  it("is a warning in its last days", () => expect(found(5)).toEqual([["warning", "Its certificate ends in 5 days."]]));
  it("is wrong once it has ended", () => expect(found(-1)[0]?.[0]).toBe("error"));
  it("is wrong when it is something else", () => {
    const [finding] = expiry("secret/edge", readFileSync(import.meta.filename, "utf8"), "renew it");
    expect(finding?.problem).toMatch(/^It holds no certificate/);
  });
});
