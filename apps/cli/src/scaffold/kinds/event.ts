import { Refusal, readFlags } from "@kontor/config";
import { planEventRemoval, planNewEvent } from "../new-event.ts";
import { apply, common, type Kind, namesIn, root } from "./kind.ts";

const newHelp = `Creates an event of a service and its consumer in another: contract, publication by the outbox, consumer with durable and rights, and tests of both.

  npm run kontor -- new event SERVICE NAME --consumer SERVICE [options]

  SERVICE              the service that publishes it, such as catalog
  NAME                 what happened, in upper camel case, such as VoteCounted
  --consumer SERVICE   the service that consumes it
  --force              also in a tree with uncommitted changes
  --help               this

The event has an id, which is its key, and the consumer counts it in a metric: change them to the fields of your event. Publish it in the
transaction of a change (src/outbound/publish-*.ts). It either writes all files or none.`;

const removeHelp = `Removes an event that \`new event\` created, with its consumer.

  npm run kontor -- remove event SERVICE NAME [options]

  --force            also in a tree with uncommitted changes, and although other files use the event
  --help             this

A consumer that exists in NATS remains: remove it by hand.`;

const NAMES = ["The service", "The name of the event"];

export const eventKind: Kind = {
  usage: { create: "SERVICE NAME --consumer SERVICE", remove: "SERVICE NAME" },
  about: { create: "contract, publication, consumer and tests", remove: "an event that `new` created" },
  create(args) {
    const { found, rest } = namesIn(args, NAMES, newHelp);
    const flags = readFlags(rest, { ...common, consumer: { type: "string" } }, newHelp);
    if (!flags) return;
    const [service = "", event = ""] = found;
    if (flags.consumer === undefined)
      throw new Refusal(`--consumer is missing: an event needs a consumer.\n\n${newHelp}`);
    const texts = planNewEvent(root, { service, event, consumer: flags.consumer });
    const undo = `remove it: npm run kontor -- remove event ${service} ${event} --force`;
    apply({ what: `${service} ${event}`, texts, force: flags.force, undo });
    const own = [...texts.keys()].filter((path) => /\/(outbound|inbound|test)\/.*[a-z]-[a-z]/.test(path));
    console.log(`
The event ${event} of ${service} is ready. Next:
  npm test -- apps/${service} apps/${flags.consumer}   runs the tests of both services
  proto/shop/${service}/v1/events.proto   has its contract
${own.map((path) => `  ${path}`).join("\n")}
Change them to your event, then \`npm run generate\` and \`npm run check\`.`);
  },
  remove(args) {
    const { found, rest } = namesIn(args, NAMES, removeHelp);
    const flags = readFlags(rest, common, removeHelp);
    if (!flags) return;
    const [service = "", event = ""] = found;
    const { texts, own } = planEventRemoval(root, { service, event, force: flags.force });
    const undo = "restore the tree: git checkout .";
    apply({ what: `${service} ${event}`, texts, removed: own, force: flags.force, undo });
    console.log(`\nThe event ${event} of ${service} is removed. Its consumer remains in NATS where it exists.`);
  },
};
