import { readFlags } from "@kontor/config";
import { DEFAULT_EVENT, planNewService } from "../new-service.ts";
import { ownPaths, planRemoval } from "../remove-service.ts";
import { apply, common, type Kind, namesIn, root } from "./kind.ts";

const newHelp = `Creates a service: contracts, app with tests, and its entry in the list of services. It runs in npm start and in the chart at once.

  npm run kontor -- new service NAME [options]

  NAME               one lowercase word for what the service owns, such as reviews
  --resource WORD    one of what it owns (default: the singular of NAME)
  --consumes EVENT   the event that it consumes (default ${DEFAULT_EVENT})
  --force            also in a tree with uncommitted changes
  --help             this

The service publishes an event, and serves POST and GET /api/v1/NAME at the gateway. It either writes all files or none.`;

const removeHelp = `Removes a service that \`new service\` created, with its entry in the list of services.

  npm run kontor -- remove service NAME [options]

  --force            also in a tree with uncommitted changes, and although other files use the service
  --help             this

Databases, streams and deployments that exist remain: remove them by hand.`;

const NAME = "The name of the service";

export const serviceKind: Kind = {
  usage: { create: "NAME", remove: "NAME" },
  about: {
    create: "contracts, app, tests, and its entry in the list of services",
    remove: "a service that `new` created",
  },
  create(args) {
    const { found, rest } = namesIn(args, [NAME], newHelp);
    const flags = readFlags(
      rest,
      { ...common, resource: { type: "string" }, consumes: { type: "string", default: DEFAULT_EVENT } },
      newHelp,
    );
    if (!flags) return;
    const [name = ""] = found;
    const request = { name, resource: flags.resource, consumes: flags.consumes, at: new Date() };
    const undo = `remove it: npm run kontor -- remove service ${name} --force`;
    apply({ what: name, texts: planNewService(root, request), force: flags.force, undo });
    console.log(`
The service ${name} is ready. Next:
  npm test -- apps/${name}   runs its tests
  npm start   runs it with the shop: POST and GET http://127.0.0.1:8080/api/v1/${name}
  apps/${name}/README.md describes it; proto/shop/${name}/v1 is its contract
Change it to your service, then \`npm run generate\` and \`npm run check\`.`);
  },
  remove(args) {
    const { found, rest } = namesIn(args, [NAME], removeHelp);
    const flags = readFlags(rest, common, removeHelp);
    if (!flags) return;
    const [name = ""] = found;
    const texts = planRemoval(root, name, flags);
    apply({ what: name, texts, removed: ownPaths(name), force: flags.force, undo: "restore the tree: git checkout ." });
    console.log(`\nThe service ${name} is removed. Its databases, streams and deployments remain where they exist.`);
  },
};
