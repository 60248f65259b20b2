import type { Registry } from "@bufbuild/protobuf";
import { makeRequest, makeTalk, mutate, randomOf, routesOf } from "@kontor/transcoder/fuzz";
import { openConnection } from "./connection.ts";
import { type Memory, startGateway } from "./gateway.ts";
import { createIdentities, type Identity } from "./identities.ts";
import { judge } from "./judge.ts";
import { trespassOf } from "./trespass.ts";
import { type Seen, startUpstream } from "./upstream.ts";
import { toWire } from "./wire.ts";

const connections = 24;
/** The most memory growth of the gateway from the first quarter of the requests to the last, after garbage collection, in MiB. */
const flat = 8;

/** One run over one set of contracts. */
export interface FuzzOptions {
  readonly name: string;
  /** The file of the descriptors; undefined for the shop's own. */
  readonly path: string | undefined;
  readonly registry: Registry;
  /** Whether tokens are required. */
  readonly auth: boolean;
  /** Whether only bidirectional RPCs are called, over WebSockets. */
  readonly sockets: boolean;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly verbose: boolean;
}

/** Sends requests and reports. Returns how many findings there were. */
export async function fuzz(options: FuzzOptions): Promise<number> {
  const { name, path, registry, auth, sockets, seed, from, count, verbose } = options;
  const identities = auth ? createIdentities() : undefined;
  const keys = await identities?.issuer.keys();
  const upstream = await startUpstream(registry, ({ name }) => (name === "GetJwks" ? keys : undefined));
  const issuer = identities?.issuer.issuer;
  const gateway = await startGateway({ upstreamPort: upstream.port, descriptors: path, issuer });
  const routes = routesOf(registry).filter(({ method }) => !sockets || method.methodKind === "bidi_streaming");
  const findings: string[] = [];
  const statuses = new Map<string | number, number>();
  const startedAt = performance.now();
  let next = from;
  const memory: Promise<Memory>[] = [];

  async function send(): Promise<void> {
    const connection = openConnection(gateway.port);
    while (next < from + count && gateway.alive()) {
      const number = next++;
      if (number > from && (number - from) % Math.ceil(count / 4) === 0) memory.push(gateway.memory());
      const random = randomOf(seed, number);
      const request = makeRequest(random.pick(routes), random);
      if (!sockets || random.chance(0.2)) mutate(request, random);
      const talk = sockets ? makeTalk(request, random) : undefined;
      if (talk !== undefined) askForSocket(request, random.chance(0.05));
      const identity = identities?.give(request, random);
      const id = `f${number}`;
      const wire = toWire(request, id, random);
      if (verbose)
        console.log(wire.bytes.subarray(0, 4_000).toString("latin1"), talk ?? "", identity?.name ?? "", "\n");
      const answer = await connection.send(wire, request.method === "HEAD", talk);
      const seen = upstream.take(id);
      const broken =
        judge(request, answer, seen, talk) ?? trespass(identity, seen, request.route.method.parent.typeName);
      if (verbose) console.log(answer, "\n");
      const kind = typeof answer === "string" ? answer : (answer.talk?.code ?? answer.status);
      statuses.set(kind, (statuses.get(kind) ?? 0) + 1);
      if (broken !== undefined)
        findings.push(`--contracts ${name} --seed ${seed} --from ${number} --count 1: ${broken}`);
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: Math.min(connections, count) }, send));

  const seconds = (performance.now() - startedAt) / 1000;
  memory.push(gateway.memory());
  const windows = await Promise.all(memory);
  const [first, last] = [windows[0]?.held ?? 0, windows.at(-1)?.held ?? 0];
  if (!gateway.alive()) findings.push(`the gateway crashed before request ${next}`);
  else if (count >= 10_000 && last - first > flat) findings.push(`it uses ${last} MiB, and used ${first}`);
  const code = await gateway.stop();
  if (code !== 0) findings.push(`the gateway ended with ${code}`);
  findings.unshift(...gateway.errors.map((error) => `logged: ${error}`));
  upstream.stop();
  const shown = [...statuses]
    .sort(([a], [b]) => String(a).localeCompare(String(b)))
    .map(([status, times]) => `${status}×${times}`);
  console.log(
    `${name}: ${count} requests over ${routes.length} routes, seed ${seed}, ${Math.round(count / seconds)}/s`,
  );
  const held = windows.map(({ held, rss }) => `${held} (${rss})`).join(", ");
  console.log(`  answers: ${shown.join(" ")}; findings: ${findings.length}`);
  console.log(` MiB used (resident) after each quarter: ${held}`);
  for (const finding of findings.slice(0, 40)) console.log(`  ${finding}`);
  return findings.length;
}

function trespass(identity: Identity | undefined, seen: readonly Seen[], asked: string): string | undefined {
  return identity && trespassOf(identity, seen, asked);
}

/** Makes a request one for a WebSocket; `wrongly` leaves something out. */
function askForSocket(request: { method: string; headers: [string, string][] }, wrongly: boolean): void {
  request.method = "GET";
  request.headers.push(["Connection", "Upgrade"]);
  if (!wrongly) request.headers.push(["Upgrade", "websocket"]);
}
