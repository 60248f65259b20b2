import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AddressSchema } from "@kontor/shop/contracts/users/v1/address";
import { type UserSort, UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { violationsIn } from "@kontor/validation/testing";
import { describe, expect, it } from "vitest";

const { createAddress, changePassword, listUsers, login, register, setRoles, updateUser } = UsersService.method;
const userId = "u1";

const anAddress = (overrides: MessageInitShape<typeof AddressSchema> = {}) => ({
  id: "ADDR-55",
  recipient: "Ada Lovelace",
  line1: "St James's Square 12",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
  ...overrides,
});
const codesOf = (...args: Parameters<typeof violationsIn>) =>
  violationsIn(...args).map(({ field, code }) => `${field} ${code}`);

describe("the contract of users", () => {
  it("accepts an address that a parcel can be sent to, with or without an id", () => {
    for (const address of [anAddress(), anAddress({ id: "", line2: "", region: "", country: " GB " })])
      expect(violationsIn(createAddress, { userId, address })).toEqual([]);
  });

  it.each([
    ["address.id WRONG_CHARACTERS", { id: "no blanks" }],
    ["address.recipient WRONG_LENGTH", { recipient: " " }],
    ["address.recipient NOTHING_VISIBLE", { recipient: "\u2800" }],
    ["address.line1 WRONG_LENGTH", { line1: "x".repeat(201) }],
    ["address.city LINE_BREAKS", { city: "Lon\u0000don" }],
    ["address.postalCode TOO_LONG", { postalCode: "1".repeat(21) }],
    ["address.country NOT_A_COUNTRY", { country: "de" }],
    ["address.country NOT_A_COUNTRY", { country: "UK" }],
    ["address.country NOT_A_COUNTRY", { country: "" }],
    ["address.id CARD_NUMBER", { id: "4111111111111111" }],
    ["address.recipient CARD_NUMBER", { recipient: "4111 1111 1111 1111" }],
    ["address.line2 CARD_NUMBER", { line2: "card 4111-1111-1111-1111" }],
    ["address.region CARD_NUMBER", { region: "４１１１１１１１１１１１１１１１" }],
  ])("refuses %s", (violation, overrides) => {
    expect(codesOf(createAddress, { userId, address: anAddress(overrides) })).toEqual([violation]);
  });

  it("refuses a registration with all that is wrong with it", () => {
    expect(
      violationsIn(register, { email: "ada", password: "ninechars", displayName: "\u202e", locale: "no tag" }),
    ).toEqual([
      expect.objectContaining({ field: "email", code: "NOT_AN_EMAIL" }),
      expect.objectContaining({ field: "password", code: "WRONG_LENGTH", params: { min: 10, max: 200 } }),
      expect.objectContaining({ field: "displayName", code: "DIRECTION_CHARACTERS" }),
      expect.objectContaining({ field: "locale", code: "NOT_A_LANGUAGE" }),
    ]);
    expect(violationsIn(register, { email: " ada@example.com ", password: "🔑".repeat(200) })).toEqual([]);
  });

  it("limits passwords that are only compared", () => {
    expect(codesOf(login, {})).toEqual(["password REQUIRED"]);
    expect(codesOf(login, { password: "x".repeat(201) })).toEqual(["password TOO_LONG"]);
    expect(codesOf(changePassword, { userId, newPassword: "short" })).toEqual([
      "currentPassword REQUIRED",
      "newPassword WRONG_LENGTH",
    ]);
  });

  it("knows the roles", () => {
    expect(codesOf(setRoles, { userId })).toEqual(["roles REQUIRED"]);
    expect(violationsIn(setRoles, { userId, roles: ["customer", "root"] })).toEqual([
      expect.objectContaining({
        field: "roles[1]",
        code: "NOT_IN",
        params: { values: ["customer", "staff", "admin"] },
      }),
    ]);
  });

  it("validates the fields that an update changes", () => {
    const user = { id: userId, displayName: "x".repeat(201), locale: "no tag" };
    expect(codesOf(updateUser, { user })).toEqual(["user.displayName TOO_LONG", "user.locale NOT_A_LANGUAGE"]);
    expect(codesOf(updateUser, { user, updateMask: { paths: ["locale"] } })).toEqual(["user.locale NOT_A_LANGUAGE"]);
    expect(codesOf(updateUser, { user: { locale: "" }, updateMask: { paths: ["*"] } })).toEqual([]);
  });

  it("refuses filters of lists", () => {
    expect(codesOf(listUsers, { pageSize: 101, text: "x".repeat(201), orderBy: 9 as UserSort })).toEqual([
      "pageSize OUT_OF_RANGE",
      "text TOO_LONG",
      "orderBy NOT_IN",
    ]);
  });
});
