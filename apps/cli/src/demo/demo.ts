import { randomUUID } from "node:crypto";
import { Refusal, readFlags } from "@kontor/config";
import {
  bold,
  dim,
  fillShop,
  green,
  logIn,
  readRunFile,
  readSeedData,
  red,
  registerShopper,
  shopClient,
  staffClient,
} from "@kontor/launcher";
import { apiError } from "@kontor/shop/client";
import { atShop, gatewayAt, remoteFlags, staffAccount } from "../remote-shop.ts";
import { scenes } from "./scenes.ts";

const help = `Places orders in a running shop like shoppers, and shows the timeline of each order.

  npm run demo -- [options]
  npm run kontor -- demo --url URL [--staff EMAIL]

  --data DIR       where \`npm start\` stores its state (default .kontor)
  --url URL        the gateway of any other install, such as http://localhost:8080 behind kubectl port-forward
  --staff EMAIL    fills that install first (\`npm run kontor -- seed --help\`), with the password in STAFF_PASSWORD
  --help           this

Needs a shop that runs: npm start in another terminal, or an install. Ends with 0 when every scene ended as expected, otherwise with 1.`;

/** A shop to place orders in. */
type Stage = {
  readonly gateway: string;
  readonly email: string;
  readonly password: string;
  readonly mailPage?: string;
};

/** `npm run demo` and `kontor demo`: returns the exit code. */
export async function demo(args: readonly string[]): Promise<number> {
  const values = readFlags(args, { data: { type: "string" }, ...remoteFlags }, help);
  if (values === undefined) return 0;
  const { url, staff, data } = values;
  if (url === undefined) {
    if (staff !== undefined) throw new Refusal(`--staff goes with --url.\n\n${help}`);
    const { gateway, mailPage, accounts } = readRunFile(data ?? ".kontor");
    return (await play({ gateway, mailPage, ...accounts.shopper })) ? 0 : 1;
  }
  if (data !== undefined) throw new Refusal(`--url and --data name two shops: choose one.`);
  const gateway = gatewayAt(url);
  return (await atShop(gateway, async () => play(await prepared(gateway, staff)))) ? 0 : 1;
}

/** Registers a new shopper in an install. */
async function prepared(gateway: string, staff: string | undefined): Promise<Stage> {
  if (staff !== undefined)
    await fillShop(await staffClient(gateway, staffAccount(staff)), readSeedData().data, console.log);
  await shopClient(gateway)
    .catalog.getProduct({ productId: "P-101" })
    .catch((error: unknown) => {
      if (apiError(error)?.reason !== "PRODUCT_NOT_FOUND") throw error;
      throw new Refusal(`The shop at ${gateway} does not have the assortment of the example. Fill it: --staff EMAIL`);
    });
  const shopper = { email: `demo-${randomUUID()}@kontor.example`, password: randomUUID() };
  await registerShopper(gateway, shopper.password, shopper.email);
  return { gateway, ...shopper };
}

/** Plays all scenes in order. Returns whether each ended as expected. */
async function play({ gateway, email, password, mailPage }: Stage): Promise<boolean> {
  const { accessToken } = await logIn(gateway, email, password);
  const shop = shopClient(gateway, accessToken);
  console.log(`${email} goes shopping at ${gateway}`);

  const failed: string[] = [];
  for (const { title, expected, play: scene } of scenes) {
    console.log(`\n${bold(title)}`);
    const came = await scene(shop).catch((error: unknown) => String(error));
    const good = came === expected;
    console.log(good ? `           ${green(`✓ ${came}`)}` : `           ${red(`✗ ${came}`)}, expected: ${expected}`);
    if (!good) failed.push(title);
  }
  if (mailPage) console.log(`\n${dim(`The mails that went out: ${mailPage}`)}`);
  console.log(
    failed.length === 0 ? green("All scenes ended as expected.") : red(`Not as expected: ${failed.join(", ")}.`),
  );
  return failed.length === 0;
}
