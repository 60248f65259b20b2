import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { services as shopServices } from "../../apps/shop/src/services.ts";
import { connectionSettings, groupsOf } from "../../apps/shop/src/topologies.ts";
import { type Apps, lists } from "./lists.ts";

const root = join(import.meta.dirname, "../..");
const graph: { calls: Record<string, string[]> } = parse(
  readFileSync(join(root, "charts/kontor/files/call-graph.yaml"), "utf8"),
);
const services = Object.entries(shopServices)
  .sort(([, one], [, other]) => one.ports.grpc - other.ports.grpc)
  .map(([name]) => name);
const appsWith = (...more: readonly string[]): Apps => ({
  services: [...services, ...more],
  simulators: ["psp-simulator", "carrier-simulator", "mail-sink"],
  contracts: Object.fromEntries(
    [...services, ...more].map((name) => [name, `shop.${name}.v1.${name[0]?.toUpperCase()}${name.slice(1)}Service`]),
  ),
  calls: { ...graph.calls, ...Object.fromEntries(more.map((name) => [name, ["users"]])) },
  groups: {
    one: { ...groupOfEach("one"), ...Object.fromEntries(more.map((name) => [name, "shop"])) },
    grouped: { ...groupOfEach("grouped"), ...Object.fromEntries(more.map((name) => [name, "fulfilment"])) },
  },
  connections: Object.fromEntries([
    ...groupsOf("one").flatMap((group) =>
      group.apps.flatMap((app) => (app === "gateway" ? [] : [[app, connectionSettings(group, app)] as const])),
    ),
    ...more.map((name) => [name, { DATABASE_CONNECTIONS: "2" }] as const),
  ]),
});

function groupOfEach(topology: "one" | "grouped"): Record<string, string> {
  const groups = groupsOf(topology).filter(({ apps }) => apps.length > 1);
  return Object.fromEntries(groups.flatMap(({ name, apps }) => apps.map((app) => [app, name])));
}

describe.each(lists)("the list of $file", ({ file, write }) => {
  const text = readFileSync(join(root, file), "utf8");

  it("is that of apps/shop", () => {
    expect(write(text, appsWith())).toBe(text);
  });

  it("gains a service of the list, and loses one that is no longer there", () => {
    const longer = write(text, appsWith("reviews"));
    expect(longer).toMatch(/\breviews\b/);
    expect(longer.split("\n").length).toBeGreaterThanOrEqual(text.split("\n").length);
    expect(write(longer, appsWith())).toBe(text);
  });

  it("is refused in a file that has no place for it", () => {
    expect(() => write("nothing\n", appsWith())).toThrow(/There is no (place|line)/);
  });
});

it("a service with values of its own is not written twice", () => {
  const values = lists.find(({ file }) => file === "charts/kontor/values.yaml");
  const text = readFileSync(join(root, "charts/kontor/values.yaml"), "utf8");
  const own = `${text}\nreviews:\n  enabled: true\n  calls: [users]\n  replicas: 3\n`;
  expect(values?.write(own, appsWith("reviews")).match(/^reviews:/gm)).toHaveLength(1);
});
