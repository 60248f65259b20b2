import { readFileSync } from "node:fs";
import { chart } from "./helm.ts";

/** A connection: from a component (or an external client) to a port of another. */
export type Edge = { readonly from: string; readonly to: string; readonly port: number };

/** The simulators of external systems, by the setting that points to them. */
const simulators: Record<string, { to: string; port: number }> = {
  PSP_URL: { to: "psp-simulator", port: 8080 },
  CARRIER_URL: { to: "carrier-simulator", port: 8080 },
  SMTP_URL: { to: "mail-sink", port: 2525 },
};

export const STRANGER = "stranger";

/** Every connection there may be in a shop with bundled servers and simulators. */
export function edges(text = readFileSync(`${chart}/files/call-graph.yaml`, "utf8")): Edge[] {
  const calls = Object.entries(listsUnder(text, "calls"));
  const outside = Object.entries(listsUnder(text, "outside"));
  return [
    ...calls.flatMap(([from, callees]) => callees.map((to) => ({ from, to, port: 50051 }))),
    ...list(text, "databases").map((from) => ({ from, to: "postgres", port: 5432 })),
    ...list(text, "nats").map((from) => ({ from, to: "nats", port: 4222 })),
    ...outside.flatMap(([from, settings]) => settings.map((setting) => ({ from, ...place(setting) }))),
    // Webhooks arrive at the edge, which is open to all.
    ...["psp-simulator", "carrier-simulator", STRANGER].map((from) => ({ from, to: "gateway", port: 8080 })),
  ];
}

/** The services that verify their callers, by keys that they read from the API server. */
export function callerVerifiers(text = readFileSync(`${chart}/../lib/templates/_contracts.tpl`, "utf8")): string[] {
  return (/define "lib.internalCallees" -}}\n(.*)\n/.exec(text)?.[1] ?? "").split(" ").filter(Boolean);
}

/** Every port that a component listens on. */
export function portsOf(component: string): number[] {
  const own: Record<string, number[]> = {
    gateway: [8080, 9090],
    postgres: [5432],
    nats: [4222, 8222],
    "psp-simulator": [8080],
    "carrier-simulator": [8080],
    "mail-sink": [8080, 2525],
  };
  return own[component] ?? [50051, 9090];
}

function place(setting: string) {
  const found = simulators[setting];
  if (!found) throw new Error(`No simulator belongs to the setting ${setting}.`);
  return found;
}

/** `name: [a, b]` lines below a key of the generated file. */
function listsUnder(text: string, key: string): Record<string, string[]> {
  const [, block = ""] = new RegExp(`^${key}:\\n((?: {2}.*\\n)*)`, "m").exec(text) ?? [];
  return Object.fromEntries(
    [...block.matchAll(/^ {2}(\S+): \[(.*)\]$/gm)].map(([, name = "", items = ""]) => [name, split(items)]),
  );
}

function list(text: string, key: string): string[] {
  return split(new RegExp(`^${key}: \\[(.*)\\]$`, "m").exec(text)?.[1] ?? "");
}

const split = (items: string) =>
  items
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
