import { readFlags, runCommand } from "@kontor/config";
import { scenes } from "./demo/scenes.ts";
import { bold, dim, green, red } from "./launcher/terminal.ts";
import { readRunFile } from "./run-file.ts";
import { shopClient, signIn } from "./shop-client.ts";

const help = `Places orders in the running shop as shoppers would, and shows the timeline of each as it happens.

  npm run demo -- [options]

  --data DIR   where \`npm start\` stores its state (default .kontor)
  --help       this

Needs a shop that runs: npm start in another terminal. Ends with 0 when every scene ended as expected, otherwise with 1.`;

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), { data: { type: "string", default: ".kontor" } }, help);
  return values === undefined || (await demo(values.data)) ? 0 : 1;
});

/** Plays all scenes in order. Returns whether each ended as expected. */
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
  console.log(
    failed.length === 0 ? green("All scenes ended as expected.") : red(`Not as expected: ${failed.join(", ")}.`),
  );
  return failed.length === 0;
}
