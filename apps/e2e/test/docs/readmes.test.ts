import { existsSync, readdirSync } from "node:fs";
import { topology } from "@kontor/shop";
import { describe, expect, it } from "vitest";
import { read, root } from "../delivery/files.ts";

const inFolder = (kind: string) =>
  readdirSync(`${root}/${kind}`)
    .map((name) => `${kind}/${name}`)
    .filter((folder) => existsSync(`${root}/${folder}/package.json`));

/** The exports of a package's entry point: names, without types. */
function exportsOf(folder: string): string[] {
  if (!existsSync(`${root}/${folder}/src/index.ts`)) return [];
  const lists = [...read(`${folder}/src/index.ts`).matchAll(/^export \{([^}]*)\}/gm)];
  const names = lists.flatMap(([, list = ""]) => list.split(",").map((name) => name.trim()));
  return names.filter((name) => name !== "" && !name.startsWith("type "));
}

/** A name in code, alone or with its arguments. */
const isNamed = (readme: string, name: string) => new RegExp(`\`${name}[\`(]`).test(readme);

describe("the README of", () => {
  it.each([...inFolder("packages"), ...inFolder("apps")])("%s has its purpose in its first lines", (folder) => {
    const [title, blank, purpose = ""] = read(`${folder}/README.md`).split("\n");
    const name = folder.split("/")[1];
    expect(title).toBe(folder.startsWith("packages/") ? `# @kontor/${name}` : `# ${name}`);
    expect(blank).toBe("");
    expect(purpose).toMatch(/^[A-Z]/);
  });

  it.each(inFolder("apps"))("%s lists its limits", (folder) => {
    expect(read(`${folder}/README.md`)).toMatch(/^## Limits$/m);
  });

  it.each(inFolder("packages"))("%s has an example, all exports and the limits", (folder) => {
    const readme = read(`${folder}/README.md`);
    const names = exportsOf(folder);
    expect(readme).toMatch(names.length > 0 ? /^```ts$/m : /^```/m);
    expect(readme).toMatch(/^## Exports$/m);
    expect(readme).toMatch(/^## Limits$/m);
    expect(names.filter((name) => !isNamed(readme, name))).toEqual([]);
  });
});

describe("the README of the service", () => {
  const services = [...new Set([...topology.streams, ...topology.consumers].map(({ service }) => service))];
  const nameOf = (event: string) => event.slice(event.lastIndexOf(".") + 1);

  it.each(services)("%s names the events that it consumes and publishes", (service) => {
    const rows = new Map(
      [...read(`apps/${service}/README.md`).matchAll(/^\| (\w+) \| (.*) \|$/gm)].map(([, a, b]) => [a, b]),
    );
    const consumed = topology.consumers.filter((one) => one.service === service).flatMap(({ events }) => [...events]);
    for (const event of consumed) expect(rows.get("Consumes")).toContain(`\`${nameOf(event)}\``);
    const contracts = `proto/shop/${service}/v1/events.proto`;
    const published = existsSync(`${root}/${contracts}`) ? [...read(contracts).matchAll(/^message (\w+) \{/gm)] : [];
    for (const [, event] of published) expect(rows.get("Publishes")).toContain(`\`${event}\``);
    expect(rows.get("Serves")).toContain(`shop.${service}.v1`);
    expect(rows.has("Calls")).toBe(true);
  });
});

describe("every export of", () => {
  it.each(inFolder("packages").filter((folder) => exportsOf(folder).length > 0))("%s has a doc comment", (folder) => {
    const undocumented = [
      ...read(`${folder}/src/index.ts`).matchAll(/^export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/gm),
    ].flatMap(([, list = "", file = ""]) => {
      const source = read(`${folder}/src/${file}`);
      const names = list.split(",").map((name) => name.trim().replace(/^type /, ""));
      return names.filter((name) => name !== "" && declares(source, name) && !documents(source, name));
    });
    expect(undocumented).toEqual([]);
  });
});

const declaration = (name: string) =>
  `export (?:async |abstract )*(?:function\\*?|const|class|interface|type) ${name}\\b`;
const declares = (source: string, name: string) => new RegExp(`^${declaration(name)}`, "m").test(source);
const documents = (source: string, name: string) =>
  new RegExp(`\\*/\\n(?:// biome.*\\n)?${declaration(name)}`).test(source);
