import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";
import { services, topology } from "@kontor/shop";
import { registry } from "@kontor/shop/registry";
import { parse } from "yaml";
import { type Names, namesOf } from "./names.ts";
import { type Consumed, type Facts, shopEdits } from "./shop-edits.ts";
import { filesOfService } from "./template.ts";
import { edited, filesWith, type Texts } from "./tree.ts";

/** The event that a new service consumes unless another is named. */
export const DEFAULT_EVENT = "shop.users.v1.UserRegistered";

/** The requested service. */
export interface Request {
  readonly name: string;
  /** Default: the singular of the name. */
  readonly resource?: string | undefined;
  /** Full name of the event that it consumes. */
  readonly consumes: string;
  /** The time, for the name of the first migration. */
  readonly at: Date;
}

/** Returns the texts of all files that a new service adds and changes. Throws a Refusal if it cannot be added; nothing is written. */
export function planNewService(root: string, { name, resource, consumes, at }: Request): Texts {
  const names = namesOf(name, resource);
  refuseTaken(root, names);
  const facts: Facts = { ...names, ports: freePorts(), consumed: consumedEvent(consumes) };
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const day = at.toISOString().slice(0, 10).replaceAll("-", "");
  return new Map([...edited(root, shopEdits(facts), "add"), ...filesOfService(facts, { version, day })]);
}

function refuseTaken(root: string, { name, resource }: Names): void {
  const folders = [`apps/${name}`, `packages/${name}`, `proto/shop/${name}`].filter((path) =>
    existsSync(join(root, path)),
  );
  if (folders[0] !== undefined) throw new Refusal(`The name "${name}" is taken: ${folders[0]} is there.`);
  const values: object = parse(readFileSync(join(root, "charts/kontor/values.yaml"), "utf8"), { merge: true });
  if (name in values) throw new Refusal(`The name "${name}" is taken: charts/kontor/values.yaml has a key with it.`);
  const [route] = filesWith(root, `"/api/v1/${name}[/:"]`).filter((path) => path.endsWith(".proto"));
  if (route !== undefined) throw new Refusal(`The path /api/v1/${name} is taken: ${route} declares it.`);
  const page = `docs/errors/${resource}-not-found.md`;
  if (existsSync(join(root, page)))
    throw new Refusal(`The resource "${resource}" is taken: ${page} is there. Choose another: --resource WORD`);
}

/** Returns the ports after the highest ones. */
function freePorts(): Facts["ports"] {
  const all = Object.values(services).map(({ ports }) => ports);
  return {
    grpc: Math.max(...all.map(({ grpc }) => grpc)) + 1,
    metrics: Math.max(...all.map(({ metrics }) => metrics)) + 1,
  };
}

function consumedEvent(type: string): Consumed {
  const message = registry.getMessage(type);
  const stream = topology.streams.find((one) => type.startsWith(`${one.package}.`));
  if (message === undefined || stream === undefined || !message.file.name.endsWith("/events"))
    throw new Refusal(`There is no event ${type}. Name one of ${known().join(", ")}.`);
  const [, service = ""] = type.split(".");
  return { event: message.name, service, stream: stream.name };
}

/** The events of the shop. */
function known(): readonly string[] {
  return [...registry].flatMap((type) =>
    type.kind === "message" && type.file.name.endsWith("/events") ? [type.typeName] : [],
  );
}
