import { apiError } from "@kontor/shop/client";
import { logIn, shopClient } from "../shop-client.ts";

export const SHOPPER_EMAIL = "shopper@kontor.example";

const address = {
  id: "ADDR-55",
  recipient: "Robin Kaufmann",
  line1: "Hafenstraße 7",
  city: "Hamburg",
  postalCode: "20457",
  country: "DE",
};

/** Registers a shopper, by default that of the example, and its address, unless they are there. */
export async function registerShopper(gateway: string, password: string, email = SHOPPER_EMAIL): Promise<void> {
  try {
    await shopClient(gateway).users.register({ email, password, displayName: "Robin Kaufmann" });
  } catch (error) {
    if (apiError(error)?.reason !== "EMAIL_TAKEN") throw error;
  }
  const { accessToken, userId } = await logIn(gateway, email, password);
  await shopClient(gateway, accessToken).users.createAddress({ userId, address });
}
