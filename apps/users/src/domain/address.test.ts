import { describe, expect, it } from "vitest";
import { type Address, checkAddress } from "./address.ts";

const anAddress = (overrides: Partial<Address> = {}): Address => ({
  id: "ADDR-55",
  recipient: "Ada Lovelace",
  line1: "St James's Square 12",
  line2: "",
  city: "London",
  postalCode: "SW1Y 4JH",
  region: "",
  country: "GB",
  ...overrides,
});

describe("an address", () => {
  it("is good if a parcel can be sent to it", () => {
    expect(checkAddress(anAddress())).toEqual(anAddress());
  });

  it.each([
    ["address.id", { id: "no blanks" }],
    ["address.recipient", { recipient: "" }],
    ["address.line1", { line1: "x".repeat(201) }],
    ["address.city", { city: "Lon\u0000don" }],
    ["address.postalCode", { postalCode: "1".repeat(21) }],
    ["address.country", { country: "de" }],
    ["address.country", { country: "UK" }],
    ["address.country", { country: "EU" }],
    ["address.country", { country: "ZZ" }],
    ["address.id", { id: "4111111111111111" }],
    ["address.recipient", { recipient: "4111 1111 1111 1111" }],
    ["address.line2", { line2: "card 4111-1111-1111-1111" }],
    ["address.region", { region: "４１１１１１１１１１１１１１１１" }],
  ])("is refused for %s", (field, overrides) => {
    expect(() => checkAddress(anAddress(overrides))).toThrowError(
      expect.objectContaining({ violations: [expect.objectContaining({ field })] }),
    );
  });
});
