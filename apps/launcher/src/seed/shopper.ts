import { ShopError, shopClient, signIn } from "../shop-client.ts";

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
    await shopClient(gateway).post("/api/v1/users", { email, password, displayName: "Robin Kaufmann" });
  } catch (error) {
    if (!(error instanceof ShopError && error.reason === "EMAIL_TAKEN")) throw error;
  }
  const { accessToken, userId } = await signIn(gateway, email, password);
  await shopClient(gateway, accessToken).post(`/api/v1/users/${userId}/addresses`, address);
}
