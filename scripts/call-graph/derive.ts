import { topology } from "../../apps/shop/src/index.ts";
import { registry } from "../../apps/shop/src/registry.ts";
import { bothNames, natsUsers } from "../../packages/nats/src/index.ts";
import { methodPolicy } from "../../packages/policy/src/index.ts";
import { settingsOf } from "../../packages/service/src/index.ts";
import { gatewayProcess, type ServiceApp, serviceApps } from "../reference/apps.ts";

const names = serviceApps.map(({ name }) => name).sort();

/** Names by a name. */
type Table<T> = Record<string, T>;

/** What a client knows of a service: what may be repeated, what goes on for long, and how many seconds the rest may take. */
interface Traits {
  readonly repeatable: string[];
  readonly streams: string[];
  seconds: number;
}

/** What charts know of contracts and settings. */
export type CallGraph = ReturnType<typeof callGraph>;

/** Returns the graph: gRPC by caller, the edge's upstreams, who keeps data, who hears whom over NATS, who leaves the cluster. */
export function callGraph() {
  const calls: Table<string[]> = Object.fromEntries(serviceApps.map((app) => [app.name, addressed(app)]));
  for (const { callee, caller } of internalCalls())
    if (!calls[caller]?.includes(callee))
      throw new Error(`${callee}'s contract lets ${caller} in, which has no ${callee.toUpperCase()}_ADDRESS.`);
  const upstreams = edgeServices();
  calls.gateway = [...new Set(Object.values(upstreams))].sort();
  return {
    calls: sorted(calls),
    upstreams,
    methods: traits(),
    databases: names,
    nats: [...serviceApps, gatewayProcess]
      .filter((app) => variables(app).includes("NATS_URL"))
      .map(({ name }) => name)
      .sort(),
    consumers: consumers(),
    outside: outside(),
  };
}

/** Returns what a service has an address of: each needs the keys of access tokens, which users publishes. */
function addressed(app: ServiceApp): string[] {
  const named = variables(app).flatMap((variable) => /^([A-Z]+)_ADDRESS$/.exec(variable)?.[1]?.toLowerCase() ?? []);
  // A setting of the service can repeat one of the system, such as USERS_ADDRESS.
  return [...new Set(named)].filter((name) => names.includes(name) && name !== app.name).sort();
}

const variables = (app: ServiceApp | typeof gatewayProcess) =>
  Object.values("system" in app ? settingsOf(app) : app.settings).map((setting) => setting.variable);

/** Returns, of each service, the gRPC services that it calls by its own name, because their contracts name it. */
function internalCallees(): Table<string[]> {
  const table: Table<Set<string>> = {};
  for (const { caller, service } of internalCalls()) {
    table[caller] = new Set([...(table[caller] ?? []), ...namesOf(service)]);
  }
  return sorted(Object.fromEntries(Object.entries(table).map(([caller, all]) => [caller, [...all].sort()])));
}

function internalCalls() {
  return methods().flatMap(({ service, method }) =>
    methodPolicy(method).auth.callers.map((caller) => ({ caller, callee: ownerOf(service), service })),
  );
}

/** Returns which service serves each gRPC service of the edge. */
function edgeServices() {
  const served = methods().filter(({ method }) => methodPolicy(method).auth.kind !== "internal");
  return sorted(
    Object.fromEntries(served.flatMap(({ service }) => namesOf(service).map((name) => [name, ownerOf(service)]))),
  );
}

function methods() {
  const services = [...registry].filter((type) => type.kind === "service");
  return services
    .filter((service) => names.includes(ownerOf(service)))
    .flatMap((service) => service.methods.map((method) => ({ service, method })));
}

/** Returns the traits of each gRPC service. */
function traits(): Table<Traits> {
  const table: Table<Traits> = {};
  for (const { service, method } of methods()) {
    const { idempotency, timeoutMs } = methodPolicy(method);
    const of: Traits = table[service.typeName] ?? { repeatable: [], streams: [], seconds: 0 };
    for (const name of namesOf(service)) table[name] = of;
    const repeatable = method.idempotency !== 0 || idempotency?.required; // 0 says that nothing is known.
    if (method.methodKind !== "unary") of.streams.push(method.name);
    else if (repeatable) of.repeatable.push(method.name);
    if (method.methodKind === "unary") of.seconds = Math.max(of.seconds, timeoutMs / 1000);
  }
  return sorted(table);
}

/** The names of a gRPC service: meshes admit calls by the former one, too, and callers hold a token for it. */
const namesOf = ({ typeName }: { readonly typeName: string }) => bothNames(topology, typeName);

const ownerOf = ({ typeName }: { readonly typeName: string }) => typeName.split(".")[1] ?? "";

function consumers() {
  const owner = (stream: string) => topology.streams.find(({ name }) => name === stream)?.service ?? "";
  return topology.consumers.map(({ durable, service, stream, events, maxPartitions }) => ({
    durable,
    maxPartitions,
    from: owner(stream),
    to: service,
    events: [...events],
  }));
}

/** Returns, of each service, the settings with addresses of external systems. */
function outside(): Table<string[]> {
  const ours = new Set(["DATABASE_URL", "DATABASE_READ_URL", "DATABASE_OWNER_URL", "NATS_URL"]);
  const links = new Set(["ORDER_PAGE_URL"]); // Written into mails, never called.
  const edges = serviceApps.map(
    (app) =>
      [
        app.name,
        variables(app).filter((variable) => variable.endsWith("_URL") && !ours.has(variable) && !links.has(variable)),
      ] as const,
  );
  return sorted(Object.fromEntries(edges.filter(([, settings]) => settings.length > 0)));
}

/** Returns the users of the bundled NATS server and their rights, one a line. */
export function writeNatsUsers(): string {
  const users = natsUsers(topology).map((user) => `- ${JSON.stringify(user)}`);
  return `# Generated by \`npm run generate\` from the topology; change that instead.\n${users.join("\n")}\n`;
}

const sorted = <T>(table: Table<T>): Table<T> =>
  Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Returns the templates for charts of any depth, which cannot read the files of another. */
export function writeTemplates(): string {
  const callees = internalCallees();
  const owners = [
    ...new Set(
      Object.values(callees)
        .flat()
        .map((typeName) => ownerOf({ typeName })),
    ),
  ].sort();
  return `${[
    "{{- /* Generated by `npm run generate` from contracts; change those instead. */ -}}",
    "{{- /* The gRPC services that each service calls by its own name: they check who calls. */ -}}",
    '{{- define "lib.internalCalls" -}}',
    ...Object.entries(callees).map(([caller, all]) => `${caller}: [${all.join(", ")}]`),
    "{{- end -}}",
    "",
    "{{- /* The services that check who calls, separated by spaces. */ -}}",
    '{{- define "lib.internalCallees" -}}',
    owners.join(" "),
    "{{- end -}}",
  ].join("\n")}\n`;
}

/** Returns the graph as YAML, without a library: two levels of maps, and lists of names. */
export function write(graph: CallGraph): string {
  const { calls, upstreams, methods: services, databases, nats, consumers: durables, outside: left } = graph;
  const lists = (table: Table<string[]>) =>
    Object.entries(table).map(([key, list]) => `  ${key}: [${list.join(", ")}]`);
  return `${[
    "# Generated by `npm run generate` from contracts and settings; change those instead.",
    "# Who calls whom by gRPC.",
    "calls:",
    ...lists(calls),
    "# What the gateway serves, and who answers it.",
    "upstreams:",
    ...Object.entries(upstreams).map(([service, name]) => `  ${service}: ${name}`),
    "# Which of its RPCs may be repeated, which are streams, and how many seconds the others may take.",
    "methods:",
    ...Object.entries(services).map(
      ([service, { repeatable, streams, seconds }]) =>
        `  ${service}: { repeatable: [${repeatable.join(", ")}], streams: [${streams.join(", ")}], seconds: ${seconds} }`,
    ),
    "# Who has a database of its own.",
    `databases: [${databases.join(", ")}]`,
    "# Who speaks to NATS.",
    `nats: [${nats.join(", ")}]`,
    "# Which durable consumer receives the events of which service, and into how many partitions it may be divided.",
    "consumers:",
    ...durables.map(
      ({ durable, from, to, events, maxPartitions }) =>
        `  - { durable: ${durable}, from: ${from}, to: ${to}, maxPartitions: ${maxPartitions ?? 1}, events: [${events.join(", ")}] }`,
    ),
    "# Who calls somebody outside, by the setting that says whom.",
    "outside:",
    ...lists(left),
  ].join("\n")}\n`;
}
