import { AddressSchema } from "@kontor/shop/contracts/users/v1/address";
import { UserSchema } from "@kontor/shop/contracts/users/v1/user";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { testRoundTrip, updateMethods } from "@kontor/testing/round-trip";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openShop, type Shop, type SignedIn } from "./shop.ts";

const { updateUser, updateAddress } = UsersService.method;
const maskOf = (paths: string[] | undefined) => (paths === undefined ? {} : { updateMask: { paths } });

let shop: Shop;
let ada: SignedIn;
beforeAll(async () => {
  shop = await openShop();
  ada = await shop.signIn((await shop.register("ada")).email);
  const home = {
    recipient: "Ada Lovelace",
    line1: "Hafenstraße 7",
    city: "Hamburg",
    postalCode: "20457",
    country: "DE",
  };
  await shop.users.createAddress({ userId: ada.userId, address: { id: "home", ...home } }, ada.auth);
});
afterAll(() => shop.stop());

it("there is a test for each update RPC", () => {
  expect(updateMethods(UsersService)).toEqual([updateUser, updateAddress]);
});

testRoundTrip({
  method: updateUser,
  of: "an account",
  schema: UserSchema,
  read: async () => (await shop.users.getUser({ userId: ada.userId }, ada.auth)).user,
  send: (user, paths) => shop.users.updateUser({ user, ...maskOf(paths) }, ada.auth),
  change: { displayName: "Ada Lovelace" },
  refused: { email: "other@example.com", roles: ["admin"] },
});

testRoundTrip({
  method: updateAddress,
  of: "an address",
  schema: AddressSchema,
  read: async () => (await shop.users.getAddress({ userId: ada.userId, addressId: "home" }, ada.auth)).address,
  send: (address, paths) => shop.users.updateAddress({ userId: ada.userId, address, ...maskOf(paths) }, ada.auth),
  change: { line2: "c/o Bob" },
});
