import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { containsCardNumber } from "./card-number.ts";

const numbers = [
  ["Visa", "4111111111111111"],
  ["Visa of 13 digits", "4222222222222"],
  ["Mastercard", "5555555555554444"],
  ["Mastercard of the 2 series", "2223003122003222"],
  ["American Express", "378282246310005"],
  ["Diners Club", "30569309025904"],
  ["Discover", "6011111111111117"],
  ["JCB", "3530111333300000"],
  ["UnionPay of 19 digits", "6205500000000000004"],
  ["Maestro", "6759649826438453"],
  ["a card of 12 digits", "500000000009"],
] as const;

describe("a text contains a card number", () => {
  it.each(numbers)("if it is one: %s", (_, number) => {
    expect(containsCardNumber(number)).toBe(true);
    expect(containsCardNumber(`paid with ${number}, please refund`)).toBe(true);
    expect(containsCardNumber(`${number} 12/28 123`)).toBe(true);
    const wrong = number.slice(0, -1) + ((Number(number.at(-1)) + 1) % 10);
    expect(containsCardNumber(wrong)).toBe(false);
  });

  it.each([
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111_1111_1111_1111",
    "4111/1111/1111/1111",
    "4111\u00a01111\u20111111\u20031111",
    "4111 - 1111 - 1111 - 1111",
    "4111,1111 1111-1111",
    "411111 1111-111111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "41 11 11 11 11 11 11 11",
    "3782 822463 10005",
    "5000 0000 0009",
    "4111\n1111\n1111\n1111",
  ])("with any separators: %j", (text) => {
    expect(containsCardNumber(text)).toBe(true);
  });

  it.each([
    "４１１１１１１１１１１１１１１１",
    "٤١١١١١١١١١١١١١١١",
    "४१११११११११११११११",
    "𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏",
    "④①①①①①①①①①①①①①①①",
    "4111\u200b1111\u00ad1111\u20601111",
    "4\ufe0f\u20e31111\u{e0101}11111111111",
  ])("in any script, with invisible characters: %j", (text) => {
    expect(containsCardNumber(text)).toBe(true);
  });

  it.each(["card4111111111111111", "tok_4111111111111111", "4111111111111111visa", "41111111111111111228"])(
    "attached to other text: %s",
    (text) => {
      expect(containsCardNumber(text)).toBe(true);
    },
  );
});

describe("a text contains no card number", () => {
  it.each([
    ["an amount", "1299"],
    ["a date and a time", "2026-11-30 10:15:30, 30.11.2026 10:15"],
    ["a tracking number", "parcel KT123456789015 came back"],
    ["a telephone number", "+49 30 901820 and +44 20 7946 0958"],
    ["years", "2019, 2020, 2021, 2022, 2023"],
    ["an address of a server", "192.168.100.204"],
    ["zeros", "0000000000000000"],
    ["a text without digits", "It was broken."],
    ["the seconds to nanoseconds of now", "1764500000 1764500000000 1764500000000000 1764500000000000000"],
  ])("if it contains %s", (_, text) => {
    expect(containsCardNumber(text)).toBe(false);
  });

  it("if it is an id, with any digits", () => {
    expect(containsCardNumber("00000000-0000-4000-8411-111111111111")).toBe(false);
    for (let n = 0; n < 2_000; n += 1) expect(containsCardNumber(`key ${randomUUID()}`)).toBe(false);
  });
});
