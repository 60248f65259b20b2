import { parseArgs } from "node:util";
import { scenes } from "./demo/scenes.ts";
import { Refusal } from "./launcher/refusal.ts";
import { bold, dim, green, red } from "./launcher/terminal.ts";
import { readRunFile } from "./run-file.ts";
import { shopClient, signIn } from "./shop-client.ts";

try {
  const { values } = parseArgs({ options: { data: { type: "string", default: ".kontor" } } });
  process.exitCode = (await demo(values.data)) ? 0 : 1;
} catch (error) {
  console.error(red(error instanceof Refusal ? error.message : String(error instanceof Error ? error.stack : error)));
  process.exitCode = 1;
}

/** Plays all scenes in order. Answers whether each came out as it must. */
async function demo(dataDir: string): Promise<boolean> {
  const { gateway, mailPage, accounts } = readRunFile(dataDir);
  const { email, password } = accounts.shopper;
  const { accessToken } = await signIn(gateway, email, password);
  const shop = shopClient(gateway, accessToken);
  console.log(`${email} goes shopping at ${gateway}`);

  const failed: string[] = [];
  for (const { title, expected, play } of scenes) {
    console.log(`\n${bold(title)}`);
    const came = await play(shop).catch((error: unknown) => String(error));
    const good = came === expected;
    console.log(good ? `           ${green(`✓ ${came}`)}` : `           ${red(`✗ ${came}`)}, expected: ${expected}`);
    if (!good) failed.push(title);
  }
  console.log(`\n${dim(`The mails that went out: ${mailPage}`)}`);
  console.log(failed.length === 0 ? green("Everything came out as it must.") : red(`${failed.length} did not.`));
  return failed.length === 0;
}
