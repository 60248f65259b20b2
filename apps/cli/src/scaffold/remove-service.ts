import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";
import { shopEdits } from "./shop-edits.ts";
import { edited, filesWith, type Texts } from "./tree.ts";

/** The files that are removed with a service, as paths from the root. */
export const ownPaths = (name: string): readonly string[] => [
  `apps/${name}`,
  `proto/shop/${name}`,
  `apps/shop/test/golden-events/shop.${name}.v1`,
  `.changeset/${name}-a-new-service.md`,
];

/** The files of `npm run generate` and of golden tests, and tests of these commands, which name services as examples. */
const UNCOUNTED =
  /^(apps\/cli\/src\/scaffold\/|apps\/e2e\/test\/new-service|apps\/shop\/src\/((comments\/)?gen\/|registry\.ts$)|docs\/(reference|errors)|skaffold\.yaml$|charts\/kontor\/(files|test\/golden|README\.md|values\.(yaml|schema\.json))|charts\/lib\/templates\/_contracts\.tpl|apps\/gateway\/src\/gen|pnpm-lock\.yaml)/;

/**
 * Returns the texts of the files that list the service, without it. Throws a Refusal if the service was not created by `new service`, or
 * if other files use it. With `force` entries that are not found are left, and other uses too.
 */
export function planRemoval(root: string, name: string, { force = false } = {}): Texts {
  if (!isCreated(root, name))
    throw new Refusal(
      `"${name}" is not a service that \`new service\` created: apps/${name}/package.json does not have the mark.`,
    );
  const facts = {
    name,
    resource: name,
    ports: { grpc: 0, metrics: 0 },
    consumed: { event: "", service: "", stream: "" },
  };
  const texts = edited(root, shopEdits(facts), "remove", { skip: force });
  const users = usesOf(root, name, texts);
  if (users.length > 0 && !force)
    throw new Refusal(
      `Nothing was changed, because these files use ${name}. Change them first, or use --force:\n  ${users.join("\n  ")}`,
    );
  return texts;
}

function isCreated(root: string, name: string): boolean {
  const manifest = join(root, "apps", name, "package.json");
  if (!/^[a-z]+$/.test(name) || !existsSync(manifest)) return false;
  return "kontor" in JSON.parse(readFileSync(manifest, "utf8"));
}

/** Files of others that name the service's contracts or code, except derived ones. */
function usesOf(root: string, name: string, texts: Texts): readonly string[] {
  const pattern = `shop\\.${name}\\.v1|shop/${name}/v1|contracts/${name}/|@kontor/${name}["/]|apps/${name}/|\\b${name.toUpperCase()}_ADDRESS\\b`;
  const found = new RegExp(pattern);
  return filesWith(root, pattern)
    .filter(
      (path) => !UNCOUNTED.test(path) && !ownPaths(name).some((own) => path === own || path.startsWith(`${own}/`)),
    )
    .filter((path) => found.test(texts.get(path) ?? readFileSync(join(root, path), "utf8")));
}
