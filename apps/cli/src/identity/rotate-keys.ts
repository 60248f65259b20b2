import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { Refusal } from "@kontor/config";
import { identityFolder } from "@kontor/launcher";
import { openKeyFolder, rotateKeys } from "@kontor/policy/key-folder";
import { serviceNames } from "@kontor/shop";

const help = `Gives services of \`npm start\` other keys while they run. No call is refused: old and new keys are good side by side.

  npm run kontor -- rotate-keys [SERVICE…] [options]

  SERVICE      whose key is replaced: ${serviceNames.join(", ")} (default: all)
  --data DIR   where \`npm start\` keeps its state (default .kontor)
  --help       this

Tokens of an old key are good until they expire, 10 minutes at most. After a theft, also delete its entry from
identity/keys.json under the data folder: services refuse it within seconds.
In a cluster the kubelet renews the tokens of services by itself.`;

/** `kontor rotate-keys`: returns the exit code. */
export async function rotate(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    console.log(help);
    return 0;
  }
  const folder = identityFolder(values.data);
  if (!existsSync(folder)) throw new Refusal(`${folder} does not exist. Start the shop once: npm start`);
  const chosen = positionals.length > 0 ? positionals : serviceNames;
  const keys = openKeyFolder(folder, []);
  for (const service of chosen)
    if (!existsSync(keys.keyFileOf(service)))
      throw new Refusal(`${service} has no key in ${folder}. Services are ${serviceNames.join(", ")}.`);
  await rotateKeys(folder, chosen);
  console.log(`Replaced the keys of ${chosen.join(", ")}.`);
  return 0;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { data: { type: "string", default: ".kontor" }, help: { type: "boolean", default: false } },
    });
  } catch (cause) {
    throw new Refusal(`${cause instanceof Error ? cause.message : cause}\n\n${help}`);
  }
}
