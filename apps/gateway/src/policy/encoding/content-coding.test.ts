import { describe, expect, it } from "vitest";
import { acceptedCoding, codedTag } from "./content-coding.ts";

describe("Accept-Encoding", () => {
  it.each<[string, string | undefined]>([
    ["gzip", "gzip"],
    ["GZip", "gzip"],
    ["x-gzip", "gzip"],
    ["br", "br"],
    ["zstd", "zstd"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip, deflate, br", "br"],
    ["br;q=0.1, gzip", "gzip"],
    ["gzip ; q=0.5 , br;Q=0.4", "gzip"],
    ["gzip;q=0.001", "gzip"],
    ["gzip;q=0", undefined],
    ["gzip;q=0.000, br;q=0", undefined],
    ["*", "zstd"],
    ["*;q=0.5, zstd;q=0", "br"],
    ["*;q=0, gzip", "gzip"],
    ["*;q=0", undefined],
    ["identity", undefined],
    ["identity, gzip;q=0.5", undefined],
    ["identity;q=0.5, gzip", "gzip"],
    ["identity;q=0.5, gzip;q=0.5", "gzip"],
    ["identity;q=0", undefined],
    ["identity;q=0, gzip", "gzip"],
    ["deflate", undefined],
    ["", undefined],
    [" , ,", undefined],
    ["gzip;q=1.5", undefined],
    ["gzip;q=-1", undefined],
    ["gzip;level=9", undefined],
    ["gzip;q=1.000", "gzip"],
    [`${"a,".repeat(600)}gzip`, undefined],
  ])("%s takes %s", (header, coding) => expect(acceptedCoding(header)).toBe(coding));
});

describe("the entity tag of a coding", () => {
  it.each([
    ['"7"', undefined, '"7"'],
    ['"7"', "gzip", '"7-gzip"'],
    ['W/"7"', "br", 'W/"7-br"'],
  ] as const)("%s as %s is %s", (tag, coding, coded) => expect(codedTag(tag, coding)).toBe(coded));
});
