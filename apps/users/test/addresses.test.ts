import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, type Shop, type SignedIn, STAFF } from "./shop.ts";

let shop: Shop;
let ada: SignedIn;
let bob: SignedIn;
beforeAll(async () => {
  shop = await openShop();
  ada = await shop.signIn((await shop.register("ada")).email);
  bob = await shop.signIn((await shop.register("bob")).email);
});
afterAll(() => shop.stop());

const HOME = {
  recipient: "Ada Lovelace",
  line1: "Hafenstraße 7",
  city: "Hamburg",
  postalCode: "20457",
  country: "DE",
};
const create = (who: SignedIn, address: object) => shop.users.createAddress({ userId: who.userId, address }, who.auth);

describe("creating an address", () => {
  it("twice with one id changes nothing, other content is refused", async () => {
    const address = { id: "ADDR-55", ...HOME };
    const first = await create(ada, address);
    expect(first.address).toMatchObject(address);
    expect(await create(ada, address)).toEqual(first);
    await expect(create(ada, { ...address, city: "Bremen" })).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "ADDRESS_EXISTS",
    });
    await expect(create(bob, { ...address, city: "Bremen" })).resolves.toBeDefined();
  });

  it("creates an id where there is none, and names the fault", async () => {
    expect((await create(ada, HOME)).address?.id).toMatch(/^[\w-]{1,64}$/);
    await expect(create(ada, { ...HOME, id: "a/b", country: "Germany" })).rejects.toMatchObject({
      violations: [{ field: "address.id" }, { field: "address.country" }],
    });
  });

  it("stops at 100, also of many at once, but still returns an existing one", async () => {
    const eve = await shop.signIn((await shop.register("eve")).email);
    const ids = Array.from({ length: 104 }, (_, i) => `A-${i}`);
    const outcomes = await Promise.allSettled(ids.map((id) => create(eve, { ...HOME, id })));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
    await expect(create(eve, { ...HOME, id: "more" })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "ADDRESSES_FULL",
    });
    const { addresses } = await shop.users.listAddresses({ userId: eve.userId }, eve.auth);
    expect(addresses).toHaveLength(100);
    await expect(create(eve, { ...HOME, id: addresses[0]?.id })).resolves.toBeDefined();
  });
});

describe("addresses", () => {
  it("are listed oldest first, changed by mask and deleted", async () => {
    const cleo = await shop.signIn((await shop.register("cleo")).email);
    const { userId, auth } = cleo;
    for (const id of ["z", "a", "m"]) await create(cleo, { ...HOME, id });
    const { addresses } = await shop.users.listAddresses({ userId }, auth);
    expect(addresses.map(({ id }) => id)).toEqual(["z", "a", "m"]);

    const update = (address: object, paths?: string[]) =>
      shop.users.updateAddress({ userId, address, ...(paths && { updateMask: { paths } }) }, auth);
    const changed = await update({ id: "a", line2: "c/o Bob", postalCode: "1" }, ["line2"]);
    expect(changed.address).toMatchObject({ id: "a", line2: "c/o Bob", postalCode: "20457" });
    expect((await update({ id: "a", postalCode: "1" })).address).toMatchObject({ line2: "c/o Bob", postalCode: "1" });
    expect((await update({ id: "a" }, ["line2"])).address?.line2).toBeUndefined();
    await expect(update({ id: "a" }, ["city"])).rejects.toMatchObject({ violations: [{ field: "address.city" }] });
    await expect(update({ id: "a" }, ["town"])).rejects.toMatchObject({
      violations: [{ field: "updateMask", code: "NOT_A_FIELD" }],
    });
    await expect(update({ id: "none", city: "Bonn" })).rejects.toMatchObject({ reason: "ADDRESS_NOT_FOUND" });

    await shop.users.deleteAddress({ userId, addressId: "a" }, auth);
    await shop.users.deleteAddress({ userId, addressId: "a" }, auth);
    await expect(shop.users.getAddress({ userId, addressId: "a" }, auth)).rejects.toMatchObject({
      code: "NOT_FOUND",
      reason: "ADDRESS_NOT_FOUND",
    });
  });

  it("are open only to their user, and to staff for reading", async () => {
    await create(ada, { ...HOME, id: "private" });
    const named = { userId: ada.userId, addressId: "private" };
    const address = { id: "private", ...HOME };
    const denied = { code: "PERMISSION_DENIED", reason: "NOT_OWNER" };
    const attempts = [
      () => shop.users.getAddress(named, bob.auth),
      () => shop.users.listAddresses(named, bob.auth),
      () => shop.users.createAddress({ ...named, address }, bob.auth),
      () => shop.users.updateAddress({ ...named, address }, bob.auth),
      () => shop.users.deleteAddress(named, bob.auth),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(denied);
    const own = { userId: bob.userId, addressId: "private" };
    await expect(shop.users.getAddress(own, bob.auth)).rejects.toMatchObject({ reason: "ADDRESS_NOT_FOUND" });

    const staff = await shop.signIn(STAFF.email, STAFF.password);
    expect((await shop.users.getAddress(named, staff.auth)).address).toMatchObject(address);
    await expect(shop.users.deleteAddress(named, staff.auth)).rejects.toMatchObject(denied);
  });
});

describe("resolving the address of an order", () => {
  it("is for orders alone, and finds no other user's", async () => {
    await create(ada, { ...HOME, id: "ship-to" });
    const named = { userId: ada.userId, addressId: "ship-to" };
    const orders = shop.as("orders");
    expect((await orders.resolveAddress(named)).address).toMatchObject(HOME);
    for (const wrong of [{ userId: bob.userId }, { userId: "nobody" }, { addressId: "none" }, { addressId: "\u0000" }])
      await expect(orders.resolveAddress({ ...named, ...wrong })).rejects.toMatchObject({
        reason: "ADDRESS_NOT_FOUND",
      });
    await expect(shop.users.resolveAddress(named, ada.auth)).rejects.toMatchObject({ reason: "CALLER_NOT_ALLOWED" });
  });
});
