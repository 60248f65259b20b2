import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";
import { topology } from "@kontor/shop";
import { type Edit, insertion, UnknownPlace } from "./edit.ts";
import { refuseUsed, requireService } from "./refusals.ts";
import { textOf } from "./rpc-edits.ts";
import { consumerEdit } from "./shop-edits.ts";
import { type Spellings, spellingsOf } from "./spellings.ts";
import { filledTemplates } from "./template.ts";
import { edited, filesWith, type Texts } from "./tree.ts";

const EXAMPLE = "VoteCounted";

/** The requested event: the service publishes it, the consumer consumes it. */
export interface EventRequest {
  readonly service: string;
  /** `VoteCounted`. */
  readonly event: string;
  readonly consumer: string;
}

/** Returns the texts of all files that a new event adds and changes. Throws a Refusal if it cannot be added; nothing is written. */
export function planNewEvent(root: string, { service, event, consumer }: EventRequest): Texts {
  requireService(service);
  requireService(consumer);
  if (consumer === service)
    throw new Refusal(`${service} publishes the event. Name another service: --consumer SERVICE`);
  const name = spellingsOf("event", event, EXAMPLE);
  const stream = streamOf(service);
  const [taken] = filesWith(root, `^message ${event} `).filter((file) => file.startsWith(`proto/shop/${service}/`));
  if (taken !== undefined) throw new Refusal(`The name ${event} is taken: ${taken} declares it.`);
  const files = filledTemplates("new-event", {
    ...{ service, consumer, stream, Event: event, event: name.camel, file: name.kebab, snake: name.snake },
  });
  for (const path of files.keys())
    if (existsSync(join(root, path))) throw new Refusal(`The name ${event} is taken: ${path} is there.`);
  return new Map([...edited(root, eventEdits(root, { service, name, consumer }), "add"), ...files]);
}

/** Returns the texts without the event, and the files that are its own. Throws a Refusal if it is not there as the command wrote it, or used. */
export function planEventRemoval(
  root: string,
  { service, event, force }: { readonly service: string; readonly event: string; readonly force: boolean },
): { readonly texts: Texts; readonly own: readonly string[] } {
  requireService(service);
  const name = spellingsOf("event", event, EXAMPLE);
  const consumer = consumerOf(service, name);
  const own = [
    `apps/${service}/src/outbound/publish-${name.kebab}.ts`,
    `apps/${service}/test/publish-${name.kebab}.test.ts`,
    `apps/${consumer}/src/inbound/${name.kebab}.ts`,
    `apps/${consumer}/test/${name.kebab}.test.ts`,
    `.changeset/${service}-${name.kebab}.md`,
    ...goldenFiles(root, service, name.pascal),
  ];
  const texts = edited(root, eventEdits(root, { service, name, consumer }), "remove", { skip: force });
  refuseUsed(root, {
    service,
    what: event,
    within: `${name.pascal}(Schema)?\\b`,
    elsewhere: `\\b${name.pascal}Schema\\b`,
    texts,
    own,
    force,
  });
  return { texts, own };
}

/** Returns the golden files of an event: the shapes that `npm run generate` has written. */
function goldenFiles(root: string, service: string, event: string): string[] {
  const folder = `apps/shop/test/golden-events/shop.${service}.v1`;
  const files = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  return files.filter((file) => file.startsWith(`${event}.`)).map((file) => `${folder}/${file}`);
}

function streamOf(service: string): string {
  const stream = topology.streams.find((one) => one.service === service);
  if (stream !== undefined) return stream.name;
  const publishing = topology.streams.map((one) => one.service);
  throw new Refusal(
    `${service} publishes no events: it has no stream in apps/shop/src/services.ts and no events.proto. Name one of ${publishing.join(", ")}.`,
  );
}

function consumerOf(service: string, { pascal, kebab }: Spellings): string {
  const type = `shop.${service}.v1.${pascal}`;
  const found = topology.consumers.find(
    ({ durable, service: by, events }) => durable === `${by}-${kebab}` && events.some((event) => event === type),
  );
  if (found !== undefined) return found.service;
  throw new Refusal(
    `"${pascal}" is not an event that \`new event\` created: apps/shop/src/services.ts has no consumer <service>-${kebab} of ${type}.`,
  );
}

type Facts = { readonly service: string; readonly name: Spellings; readonly consumer: string };

/** Returns the entries of an event in contract, topology, consumers and READMEs. */
export function eventEdits(root: string, { service, name, consumer }: Facts): readonly Edit[] {
  const { pascal, camel, kebab, words } = name;
  const consumed = `${camel}Consumer`;
  const hasList = existsSync(join(root, `apps/${consumer}/src/inbound/events.ts`));
  const list = hasList ? `apps/${consumer}/src/inbound/events.ts` : `apps/${consumer}/src/app.ts`;
  return [
    insertion(
      `proto/shop/${service}/v1/events.proto`,
      "end",
      `\n// The event "${words}". Key: the id.\nmessage ${pascal} {\n  // Which one.\n  string id = 1;\n}\n`,
      new RegExp(`\\n(?://.*\\n)*message ${pascal} \\{\\n(?: .*\\n|\\n)*\\}\\n`),
    ),
    consumerEdit(consumer, `${consumer}-${kebab}`, streamOf(service), `shop.${service}.v1.${pascal}`),
    insertion(
      list,
      "start",
      `import { ${consumed} } from "${hasList ? "." : "./inbound"}/${kebab}.ts";\n`,
      new RegExp(`^import \\{ ${consumed} \\} from .*\\n`, "m"),
    ),
    hasList
      ? insertion(list, { after: /^ {2}return \[\n(?= {4}(?:\w+,\n {4})*defineConsumer)/ }, `    ${consumed},\n`)
      : inApp(list, consumed),
    inReadme(`apps/${consumer}/README.md`, "Consumes", pascal),
    inReadme(`apps/${service}/README.md`, "Publishes", pascal),
    textOf(service, pascal),
  ];
}

const CONSUMERS = /^ {6}consumers: \[([^\]]*)\],\n/m;
const SERVICES = /(^ {6}services: \[\n(?: {8}.*\n)* {6}\],\n)/m;

/** The list of a service whose only consumers were created by the command: it is in app.ts. */
function inApp(file: string, consumed: string): Edit {
  const change = (text: string, next: (names: readonly string[]) => readonly string[]) => {
    const names = next((CONSUMERS.exec(text)?.[1] ?? "").match(/\w+/g) ?? []);
    const line = names.length > 0 ? `      consumers: [${names.join(", ")}],\n` : "";
    const changed = CONSUMERS.test(text) ? text.replace(CONSUMERS, line) : text.replace(SERVICES, `$1${line}`);
    if (changed === text) throw new UnknownPlace(`${file} has no list of services with ${consumed}.`);
    return changed;
  };
  return {
    file,
    add: (text) => change(text, (names) => [...names, consumed]),
    remove: (text) => change(text, (names) => names.filter((name) => name !== consumed)),
  };
}

const NONE = "no events";

/** A row of the README's table. "no events" is replaced by the first one. */
function inReadme(file: string, row: string, event: string): Edit {
  const own = `\`${event}\``;
  const change = (text: string, next: (cell: string) => string) => {
    const changed = text.replace(
      new RegExp(`^(\\| ${row} \\| )(.*)( \\|)$`, "m"),
      (_, head, cell, tail) => head + next(cell) + tail,
    );
    if (changed === text) throw new UnknownPlace(`${file} has no row "${row}" for ${own}.`);
    return changed;
  };
  return {
    file,
    add: (text) => change(text, (cell) => (cell.startsWith(NONE) ? cell.replace(NONE, own) : `${cell}, ${own}`)),
    remove: (text) =>
      change(text, (cell) => {
        if (cell.includes(`, ${own}`)) return cell.replace(`, ${own}`, "");
        return cell.startsWith(`${own}, `) ? cell.slice(own.length + 2) : cell.replace(own, NONE);
      }),
  };
}
