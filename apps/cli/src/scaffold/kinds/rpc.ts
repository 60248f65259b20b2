import { Refusal, readFlags } from "@kontor/config";
import { planNewRpc, planRpcRemoval } from "../new-rpc.ts";
import { apply, common, type Kind, namesIn, root } from "./kind.ts";

const newHelp = `Creates an RPC of a service: contract with route and access, validation, handler, query or command, and a test over gRPC.

  npm run kontor -- new rpc SERVICE NAME [options]

  SERVICE            a service of apps/shop/src/services.ts, such as orders
  NAME               a verb and what it is about in upper camel case, such as CountVotes
  --command          it changes something: POST and src/commands (default: GET and src/queries)
  --scope SCOPE      the scope that callers need (default: profile.read; profile.write with --command)
  --public           all may call it, without a token
  --path PATH        its route (default /api/v1/SERVICE/{id}:name)
  --force            also in a tree with uncommitted changes
  --help             this

The RPC takes an id, validates it and returns it: change contract and query to your RPC. It either writes all files or none.`;

const removeHelp = `Removes an RPC that \`new rpc\` created.

  npm run kontor -- remove rpc SERVICE NAME [options]

  --force            also in a tree with uncommitted changes, and although other files use the RPC
  --help             this`;

const NAMES = ["The service", "The name of the RPC"];

export const rpcKind: Kind = {
  usage: { create: "SERVICE NAME", remove: "SERVICE NAME" },
  about: { create: "contract, route, access, validation, handler and test", remove: "an RPC that `new` created" },
  create(args) {
    const { found, rest } = namesIn(args, NAMES, newHelp);
    const options = {
      ...common,
      command: { type: "boolean", default: false },
      scope: { type: "string" },
      public: { type: "boolean", default: false },
      path: { type: "string" },
    } as const;
    const flags = readFlags(rest, options, newHelp);
    if (!flags) return;
    const [service = "", rpc = ""] = found;
    if (flags.public && flags.scope !== undefined)
      throw new Refusal(`--public and --scope ${flags.scope} contradict each other: give one of them.`);
    const scope = flags.public ? undefined : (flags.scope ?? (flags.command ? "profile.write" : "profile.read"));
    const texts = planNewRpc(root, { service, rpc, changes: flags.command, scope, path: flags.path });
    const undo = `remove it: npm run kontor -- remove rpc ${service} ${rpc} --force`;
    apply({ what: `${service} ${rpc}`, texts, force: flags.force, undo });
    const own = [...texts.keys()].filter((path) => /^apps\/\w+\/(src\/(queries|commands)|test)\/[\w-]+-/.test(path));
    console.log(`
The RPC ${rpc} of ${service} is ready. Next:
  npm test -- apps/${service}   runs the tests of the service
  proto/shop/${service}/v1/${service}_service.proto   has its contract: route, access, request and response
${own.map((path) => `  ${path}`).join("\n")}
Change them to your RPC, then \`npm run generate\` and \`npm run check\`.`);
  },
  remove(args) {
    const { found, rest } = namesIn(args, NAMES, removeHelp);
    const flags = readFlags(rest, common, removeHelp);
    if (!flags) return;
    const [service = "", rpc = ""] = found;
    const { texts, own } = planRpcRemoval(root, { service, rpc, force: flags.force });
    const undo = "restore the tree: git checkout .";
    apply({ what: `${service} ${rpc}`, texts, removed: own, force: flags.force, undo });
    console.log(`\nThe RPC ${rpc} of ${service} is removed.`);
  },
};
