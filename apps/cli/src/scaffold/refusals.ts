import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";
import { serviceNames } from "@kontor/shop";
import { filesWith, type Texts } from "./tree.ts";

/** The part that is removed from a service. */
interface Removed {
  readonly service: string;
  /** `CountVotes`. */
  readonly what: string;
  /** The expression that finds it in the app and the contracts of the service. */
  readonly within: string;
  /** The expression that finds it in files that import the contracts of the service. */
  readonly elsewhere: string;
  readonly texts: Texts;
  readonly own: readonly string[];
  readonly force: boolean;
}

/** Throws a Refusal that names the files that use the removed part. Derived files are written again, so they do not count. */
export function refuseUsed(root: string, { service, what, within, elsewhere, texts, own, force }: Removed): void {
  const derived = /(^|\/)(gen|golden|files)\/|^docs\/reference\/|^charts\/lib\/templates\/_contracts\.tpl$/;
  const inside = new RegExp(`^(apps|proto/shop)/${service}/`);
  const uses = (path: string) => {
    const text = texts.get(path) ?? readFileSync(join(root, path), "utf8");
    if (inside.test(path)) return new RegExp(within).test(text);
    return text.includes(`contracts/${service}/v1/`) && new RegExp(elsewhere).test(text);
  };
  const users = filesWith(root, what.replace(/^./, "."))
    .filter((path) => !derived.test(path) && !own.includes(path))
    .filter(uses);
  if (users.length > 0 && !force)
    throw new Refusal(
      `Nothing was changed, because these files use ${what}. Change them first, or use --force:\n  ${users.join("\n  ")}`,
    );
}

/** Throws a Refusal with the services that there are. */
export function requireService(name: string): void {
  if (serviceNames.some((service) => service === name)) return;
  throw new Refusal(`There is no service "${name}". Name one of ${serviceNames.join(", ")}.`);
}
