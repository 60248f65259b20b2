import { fileURLToPath } from "node:url";
import { Refusal, readFlags } from "@kontor/config";
import { writeDerived } from "./derive.ts";
import { DEFAULT_EVENT, planNewService } from "./new-service.ts";
import { planRemoval, removeOwn } from "./remove-service.ts";
import { requireCleanTree, writeAll } from "./tree.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

const newHelp = `Creates a service: contracts, app with tests, and its entries in every list of services. It runs in npm start and in the chart at once.

  npm run kontor -- new service NAME [options]

  NAME               one lowercase word for what the service owns, such as reviews
  --resource WORD    one of what it owns (default: the singular of NAME)
  --consumes EVENT   the event that it consumes (default ${DEFAULT_EVENT})
  --force            also in a tree with uncommitted changes
  --help             this

The service publishes an event of its own, and serves POST and GET /api/v1/NAME at the gateway. It either writes all files or none.`;

const removeHelp = `Removes a service that \`new service\` created, with its entries in every list of services.

  npm run kontor -- remove service NAME [options]

  --force            also in a tree with uncommitted changes, and although other files use the service
  --help             this

Databases, streams and deployments that exist stay: remove them by hand.`;

const force = { force: { type: "boolean", default: false } } as const;

/** `kontor new`: returns the exit code. */
export async function createNew(args: readonly string[]): Promise<number> {
  const { name, rest } = subject(args, newHelp);
  const flags = readFlags(
    rest,
    { ...force, resource: { type: "string" }, consumes: { type: "string", default: DEFAULT_EVENT } },
    newHelp,
  );
  if (!flags) return 0;
  const request = { name, resource: flags.resource, consumes: flags.consumes, at: new Date() };
  const texts = planNewService(root, request);
  if (!flags.force) requireCleanTree(root);
  writeAll(root, texts);
  console.log(`${name}: ${texts.size} files written. Derived files follow.`);
  writeDerived(root, formattable(texts.keys()), `remove it: npm run kontor -- remove service ${name} --force`);
  console.log(`
The service ${name} is ready. Next:
  npm test -- apps/${name}   runs its tests
  npm start   runs it with the shop: POST and GET http://127.0.0.1:8080/api/v1/${name}
  apps/${name}/README.md   says what is in it; proto/kontor/${name}/v1 is its contract
Change it to what it should be, then \`npm run generate\` and \`npm run check\`.`);
  return 0;
}

/** `kontor remove`: returns the exit code. */
export async function remove(args: readonly string[]): Promise<number> {
  const { name, rest } = subject(args, removeHelp);
  const flags = readFlags(rest, force, removeHelp);
  if (!flags) return 0;
  const texts = planRemoval(root, name, flags);
  if (!flags.force) requireCleanTree(root);
  writeAll(root, texts);
  removeOwn(root, name);
  console.log(`${name}: removed from ${texts.size} files. Derived files follow.`);
  writeDerived(root, formattable(texts.keys()), `restore the tree: git checkout .`);
  console.log(`\nThe service ${name} is removed. Its databases, streams and deployments stay where they exist.`);
  return 0;
}

/** Returns what follows `service`. Throws a Refusal with the help if another kind or no name is given. */
function subject(args: readonly string[], help: string): { name: string; rest: readonly string[] } {
  if (args.includes("--help")) return { name: "", rest: args };
  const [kind = "", name = "", ...rest] = args;
  if (kind !== "service") throw new Refusal(`"${kind}" is not known here; it must be "service".\n\n${help}`);
  if (name === "" || name.startsWith("-")) throw new Refusal(`The name of the service is missing.\n\n${help}`);
  return { name, rest };
}

function formattable(paths: Iterable<string>): readonly string[] {
  return [...paths].filter((path) => /\.(ts|mjs|json)$/.test(path));
}
