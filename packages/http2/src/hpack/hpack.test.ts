import { describe, expect, it } from "vitest";
import { seeded } from "../../test/random.ts";
import { Http2Error } from "../protocol.ts";
import { HpackDecoder } from "./decoder.ts";
import { HpackEncoder } from "./encoder.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const decode = (decoder: HpackDecoder, text: string) => decoder.decode(hex(text), 0, hex(text).length).fields;

describe("decoding a header block", () => {
  const requests = [
    [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "www.example.com"],
    [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "www.example.com", "cache-control", "no-cache"],
    [
      ":method",
      "GET",
      ":scheme",
      "https",
      ":path",
      "/index.html",
      ":authority",
      "www.example.com",
      "custom-key",
    ].concat("custom-value"),
  ];

  it("follows the requests of RFC 7541, C.3 and C.4", () => {
    const plain = [
      "828684410f7777772e6578616d706c652e636f6d",
      "828684be58086e6f2d6361636865",
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ];
    const huffman = [
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      "828684be5886a8eb10649cbf",
      "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ];
    for (const blocks of [plain, huffman]) {
      const decoder = new HpackDecoder(4_096, 16_384);
      expect(blocks.map((block) => decode(decoder, block))).toEqual(requests);
    }
  });

  it("evicts the oldest entries as the responses of RFC 7541, C.6, expect", () => {
    const decoder = new HpackDecoder(256, 16_384);
    decode(
      decoder,
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
    );
    expect(decode(decoder, "4883640effc1c0bf")).toEqual(
      [":status", "307", "cache-control", "private", "date", "Mon, 21 Oct 2013 20:13:21 GMT"].concat([
        "location",
        "https://www.example.com",
      ]),
    );
    const last = decode(
      decoder,
      "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    );
    expect(last).toContain("foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
  });

  it.each([
    ["an index that is 0", "80"],
    ["an index without an entry", "be"],
    ["a size above the limit", "3fe21f"],
    ["a size update after a field", "8220"],
    ["a string that is too short", "400a61"],
    ["an integer that never ends", "ffffffffffffff"],
    ["padding of more than 7 bits", "0001618362ffff"],
    ["padding that is not all ones", "000161811c"],
    ["the code of the end of a string", "00016184ffffffff"],
  ])("refuses %s", (_, block) => {
    expect(() => decode(new HpackDecoder(4_096, 16_384), block)).toThrow(Http2Error);
  });

  it("keeps its table in order when the fields are larger than the limit", () => {
    const decoder = new HpackDecoder(4_096, 60);
    const block = "400161016140016201624001630163";
    expect(decoder.decode(hex(block), 0, hex(block).length)).toEqual({ fields: ["a", "a"], tooLarge: true });
    expect(decode(decoder, "be")).toEqual(["c", "c"]);
  });
});

describe("encoding a header block", () => {
  const policy = { path: "value", trace: "name", "content-type": "value" } as const;

  it.each([1, 2, 3])("decodes to the same fields, with any changes of the table's size between (seed %i)", (seed) => {
    const next = seeded(seed);
    const encoder = new HpackEncoder(policy);
    const decoder = new HpackDecoder(65_536, 1_000_000);
    const names = ["path", "trace", "content-type", ":path", "authorization", "x-other", ":status"];
    for (let round = 0; round < 4_000; round++) {
      while (next() < 0.1) encoder.setLimit([0, 64, 256, 4_096, 65_536][Math.floor(next() * 5)] ?? 0);
      const fields = Array.from({ length: Math.floor(next() * 8) }, () => {
        const value = String.fromCharCode(...Array.from({ length: next() * 40 }, () => 33 + Math.floor(next() * 94)));
        return [names[Math.floor(next() * names.length)] ?? "", next() < 0.5 ? `v${Math.floor(next() * 9)}` : value];
      }).flat();
      const block = Buffer.alloc(encoder.measure(fields));
      expect(decoder.decode(block, 0, encoder.encode(fields, block, 0)).fields).toEqual(fields);
    }
  });

  it("begins the next block with the lowest size of the table, then the last one", () => {
    const encoder = new HpackEncoder(policy);
    encoder.setLimit(0);
    encoder.setLimit(256);
    const block = Buffer.alloc(100);
    expect(block.subarray(0, encoder.encode([":status", "200"], block, 0)).toString("hex")).toBe("203fe10188");
    expect(encoder.encode([":status", "200"], block, 0)).toBe(1);
  });

  it.each([
    ["x", "a\nb"],
    ["x", "a\0"],
    ["x", "ü€"],
    ["x", " a"],
    ["X", "a"],
    ["a b", "a"],
  ])("refuses %j with the value %j", (name, value) => {
    expect(() => new HpackEncoder(policy).measure([name, value])).toThrow(TypeError);
  });

  it("never lets a peer index a token", () => {
    const encoder = new HpackEncoder(policy);
    const block = Buffer.alloc(100);
    encoder.encode(["authorization", "Bearer t"], block, 0);
    expect(block[0]).toBe(0x1f);
  });
});
