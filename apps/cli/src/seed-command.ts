import { Refusal, readFlags } from "@kontor/config";
import { fillShop, readSeedData, staffClient } from "@kontor/launcher";
import { atShop, gatewayAt, remoteFlags, staffAccount } from "./remote-shop.ts";

const help = `Fills any install with the assortment of the example shop, through its public API. Repeating it changes nothing.

  STAFF_PASSWORD=… npm run kontor -- seed --url URL --staff EMAIL

  --url URL        where its gateway is, such as http://localhost:8080 behind kubectl port-forward
  --staff EMAIL    a member of staff; EMAIL:PASSWORD instead of STAFF_PASSWORD is seen by all users of this machine
  --help           this

\`npm start\` fills its shop; the chart does so with --set seed.enabled=true. A gateway that limits rates makes it wait: some minutes.`;

/** `kontor seed`: returns the exit code. */
export async function seedCommand(args: readonly string[]): Promise<number> {
  const options = readFlags(args, remoteFlags, help);
  if (options === undefined) return 0;
  if (options.url === undefined || options.staff === undefined)
    throw new Refusal(`${options.url === undefined ? "--url" : "--staff"} is missing.\n\n${help}`);
  const gateway = gatewayAt(options.url);
  const account = staffAccount(options.staff);
  const { data } = readSeedData();
  await atShop(gateway, async () => fillShop(await staffClient(gateway, account), data, console.log));
  console.log(`seed   ${data.products.length} products are there. Order some: npm run kontor -- demo --url ${gateway}`);
  return 0;
}
