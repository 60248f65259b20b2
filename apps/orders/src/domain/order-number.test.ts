import { describe, expect, it } from "vitest";
import { orderNumber, readOrderNumber } from "./order-number.ts";

describe("the number of an order", () => {
  it.each([
    [0, "K-0000-0000"],
    [31, "K-0000-000Z"],
    [2 ** 40 - 1, "K-ZZZZ-ZZZZ"],
    [0x1234567890, "K-28T5-CY4G"],
  ])("writes %d in Crockford's base 32", (random, number) => {
    expect(orderNumber(random)).toBe(number);
    expect(readOrderNumber(number)).toBe(number);
  });

  it.each([
    "k-7q4m-2x9p",
    "K7Q4M2X9P",
    " K-7Q4M2X9P ",
    "K 7Q4M 2X9P",
    "K–7Q4M\u20112X9P",
    "K\u00a07q4m\u00a02x9p",
    "Ｋ－７Ｑ４Ｍ－２Ｘ９Ｐ",
  ])("is read however it is typed: %j", (typed) => {
    expect(readOrderNumber(typed)).toBe("K-7Q4M-2X9P");
  });

  it("is read with letters that look like digits", () => {
    expect(readOrderNumber("K-OIL0-oil1")).toBe("K-0110-0111");
  });

  it.each([
    "",
    "K-7Q4M-2X9",
    "K-7Q4M-2X9PP",
    "7Q4M-2X9P",
    "K-7Q4M-2X9U",
    "K-7Q4M\n2X9P",
    "01a22c94-90b5-7bd8-90c7-ad50ab404717",
  ])("is not %j", (typed) => {
    expect(readOrderNumber(typed)).toBeUndefined();
  });
});
