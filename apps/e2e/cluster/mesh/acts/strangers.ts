import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { chart } from "../../helm.ts";
import { type Act, RELEASE, type World } from "../../world.ts";
import { inGuest, startGuest, stopGuest } from "../pods.ts";
import { shapeShop } from "../shop.ts";

const script = readFileSync(new URL("../probe.mjs", import.meta.url), "utf8");
const graph = parse(readFileSync(`${chart}/files/call-graph.yaml`, "utf8")) as Graph;

type Graph = {
  readonly calls: Readonly<Record<string, readonly string[]>>;
  readonly upstreams: Readonly<Record<string, string>>;
  readonly databases: readonly string[];
  readonly nats: readonly string[];
};
type Target = {
  readonly to: string;
  readonly host: string;
  readonly port: number;
  readonly how: string;
  readonly path?: string;
  readonly words?: string;
  readonly reply?: string;
};

/** Without NetworkPolicies, so that only the mesh refuses calls. */
export const strangers: Act = {
  name: "strangers",
  about: "without NetworkPolicies: pods out of the mesh, of another account, and of Kontor's accounts call everything",
  async run(world) {
    await shapeShop(world, "istio/values", ["networkPolicy.enabled=false"]);
    const guests = [undefined, "stranger", `${RELEASE}-gateway`, `${RELEASE}-catalog`, `${RELEASE}-payments`];
    const problems: string[] = [];
    const facts: Record<string, string> = {};
    for (const account of guests) {
      const said = await probe(world, account);
      const wrong = said.filter(({ open, answer }) => answer.startsWith("yes") !== open);
      problems.push(...wrong.map(({ to, answer }) => `${account ?? "out of the mesh"} at ${to}: ${answer}`));
      const refused = said.filter(({ answer }) => !answer.startsWith("yes"));
      facts[account ?? "out of the mesh"] = `${refused.length} of ${said.length} refused (${tally(refused)})`;
    }
    await shapeShop(world, "istio/values");
    return { facts, problems };
  },
};

async function probe(world: World, account: string | undefined) {
  const name = `guest-${account ?? "outside"}`;
  await startGuest(world, account ? { name, account } : { name });
  const all = targets();
  const answers: string[] = JSON.parse(
    await inGuest(world, name, `const TARGETS = ${JSON.stringify(all)};\n${script}`),
  );
  await stopGuest(world, name);
  const caller = account?.replace(`${RELEASE}-`, "") ?? "";
  return all.map(({ to }, index) => ({ to, open: isEdge(caller, to), answer: answers[index] ?? "no: nothing" }));
}

function targets(): Target[] {
  const services = Object.entries(graph.upstreams).map(([service, to]) => ({
    to,
    port: 50051,
    how: "grpc",
    path: `/${service}/None`,
  }));
  const others = [
    { to: "gateway", port: 8080, how: "http" },
    { to: "psp-simulator", port: 8080, how: "http" },
    { to: "carrier-simulator", port: 8080, how: "http" },
    { to: "mail-sink", port: 2525, how: "greet", words: "EHLO guest\r\n", reply: "250" },
    // NATS sends INFO to every connection; a client that passed the proxy is refused by NATS itself.
    { to: "nats", port: 4222, how: "greet", words: 'CONNECT {"verbose":true}\r\nPING\r\n', reply: "-ERR" },
    { to: "postgres", port: 5432, how: "postgres" },
  ];
  return [...services, ...others].map((target) => ({ ...target, host: `${RELEASE}-${target.to}` }));
}

function isEdge(caller: string, to: string): boolean {
  if (to === "nats") return graph.nats.includes(caller);
  if (to === "postgres") return graph.databases.includes(caller);
  return [...(graph.calls[caller] ?? []), ...(caller === "payments" ? ["psp-simulator"] : [])].includes(to);
}

function tally(refused: readonly { readonly answer: string }[]): string {
  const kinds = Map.groupBy(refused, ({ answer }) => answer.replace("no: ", ""));
  return [...kinds].map(([kind, { length }]) => `${length} × ${kind}`).join(", ");
}
