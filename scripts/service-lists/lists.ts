/** A file that lists services, and how the list is written from the one in apps/shop/src/services.ts. */
export interface List {
  readonly file: string;
  /** Returns the text with the list of today. Throws if the text has no place for it. */
  write(text: string, apps: Apps): string;
}

/** The apps that have an image, in the order of the chart. */
export interface Apps {
  readonly services: readonly string[];
  readonly simulators: readonly string[];
  /** The service of the contract by its name: `shop.orders.v1.OrdersService`. */
  readonly contracts: Readonly<Record<string, string>>;
  /** The services that each service calls. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** The group of each app, by topology; only of topologies that have groups. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The settings by which each service of a group shares PostgreSQL with the others. */
  readonly connections: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const imagesOf = ({ services, simulators }: Apps) => ["gateway", ...services, ...simulators, HOST];

/** The image that runs any group of services. */
const HOST = "host";

/** The names of groups that have several apps. */
const groupNames = ({ groups }: Apps) => [...new Set(Object.values(groups).flatMap((group) => Object.values(group)))];

/** Workloads of the chart: apps that have an image, but groups in place of the host. */
const workloadsOf = (apps: Apps) => [
  ...imagesOf(apps).filter((name) => name !== HOST),
  ...groupNames(apps).filter((name) => name !== "gateway"),
];

export const lists: readonly List[] = [
  { file: "docs/guides/kubernetes.md", write: (text, apps) => diagram(text, apps, "-- keys -->") },
  { file: "docs/guides/mesh.md", write: (text, apps) => diagram(text, apps, "-->") },
  { file: "k8s/gitops/staging/values.yaml", write: (text, apps) => taggedServices(text, apps, "") },
  {
    file: "k8s/gitops/production/values.yaml",
    write: (text, apps) => taggedServices(text, apps, "  replicas: 2\n  resources: { cpu: 100m }\n"),
  },
  {
    file: "apps/host/src/apps.ts",
    write: (text, { services }) =>
      replaced(text, /(?: {2}[a-z]+: async \(\) => \(await import\(.*\)\)\.[A-Za-z]+App,\n)+/, () =>
        services
          .map((name) => `  ${name}: async () => (await import("../../${name}/src/app.ts")).${name}App,\n`)
          .join(""),
      ),
  },
  {
    file: "k8s/images/docker-bake.hcl",
    write: (text, { services, simulators }) =>
      replaced(text, /(variable "APPS" \{\n {2}default = \[\n)[^\]]*( {2}\]\n)/, (head, tail) => {
        const line = (names: readonly string[]) => `    ${names.map((name) => `"${name}"`).join(", ")},\n`;
        return head + line(["gateway", ...services]) + line([...simulators, HOST]) + tail;
      }),
  },
  {
    file: "Tiltfile",
    write: (text, { services, simulators }) => {
      const list = (name: string, names: readonly string[]) =>
        `${name} = [${names.map((one) => `'${one}'`).join(", ")}]`;
      const written = replaced(text, /^services = \[.*\]$/m, () => list("services", services));
      return replaced(written, /^simulators = \[.*\]$/m, () => list("simulators", simulators));
    },
  },
  {
    file: "skaffold.yaml",
    write: (text, apps) => {
      const [, ...others] = imagesOf(apps);
      const written = replaced(text, /(?: {4}- image: kontor\/(?!gateway\n)\S+\n(?: {6}.*\n)*)+/, () =>
        others.map(skaffoldArtifact).join(""),
      );
      const targets = imagesOf(apps).map(
        (_, index) => `      - { op: add, path: /build/artifacts/${index}/docker/target, value: dev }\n`,
      );
      return replaced(
        written,
        /(?: {6}- \{ op: add, path: \/build\/artifacts\/\d+\/docker\/target, value: dev \}\n)+/,
        () => targets.join(""),
      );
    },
  },
  {
    file: "charts/kontor/Chart.yaml",
    write: (text, apps) =>
      replaced(text, /(?: {2}- name: service\n {4}alias: .*\n {4}version: (.*)\n(?: {4}.*\n)*)+/, (version) =>
        workloadsOf(apps)
          .map(
            (name) =>
              `  - name: service\n    alias: ${name}\n    version: ${version}\n    repository: file://../service\n    condition: ${name}.enabled\n`,
          )
          .join(""),
      ),
  },
  {
    file: "charts/lib/templates/_groups.tpl",
    write: (text, { groups, connections }) =>
      replaced(text, /(\{\{- define "lib\.groups" -\}\}\n)[\s\S]*?(\{\{- end -\}\})/, (head, tail) => {
        const lines = [...Object.entries(groups), ["connections", connections] as const];
        return head + lines.map(([name, map]) => `${name}: ${JSON.stringify(map)}\n`).join("") + tail;
      }),
  },
  {
    file: "charts/kontor/values.yaml",
    write: (text, { services, contracts, calls }) => {
      const upstreams = services.map((name) => `"${contracts[name]}":"{{ include "lib.address" (list . "${name}") }}"`);
      const written = replaced(
        text,
        /( {4}GATEWAY_UPSTREAMS: >-\n) {6}\{(?:.*\n)+?.*\}\n(?=\n)/,
        (head) => `${head}      {${upstreams.sort().join(",\n      ")}}\n`,
      );
      return plainServices(
        written,
        services,
        (name) => `${name}:\n  enabled: true\n  calls: [${(calls[name] ?? []).join(", ")}]\n`,
      );
    },
  },
  {
    file: "charts/kontor/values-minimal.yaml",
    write: (text, { services }) => plainServices(text, services, (name) => `${name}: *small\n`),
  },
  {
    file: "charts/kontor/values-production.yaml",
    write: (text, { services }) =>
      plainServices(text, services, (name) => `${name}:\n  replicas: 2\n  resources: { cpu: 100m }\n`),
  },
  {
    file: "k8s/dev/values.yaml",
    write: (text, { services }) => plainServices(text, services, (name) => `${name}: *dev\n`),
  },
  {
    file: "apps/e2e/cluster/production/values.yaml",
    write: (text, { services }) => plainServices(text, services, (name) => `${name}: { resources: { cpu: 20m } }\n`),
  },
];

/** Writes the calls between services in a diagram, and where it has them the connections to PostgreSQL and NATS. */
function diagram(text: string, { services, calls }: Apps, toUsers: string): string {
  const calleesOf = (name: string) => services.filter((callee) => (calls[name] ?? []).includes(callee));
  const all = services.join(" & ");
  const callsSeveral = (name: string) => calleesOf(name).length > 2;
  const others = services.filter((name) => !callsSeveral(name));
  const keys = others.filter((name) => calleesOf(name).includes("users")).join(" & ");
  const further = others.flatMap((name) =>
    calleesOf(name).flatMap((callee) => (callee === "users" ? [] : [`  ${name} --> ${callee}\n`])),
  );
  const written = replaced(text, /^ {2}gateway --> .*\n(?: {2}[a-z &]+ (?:-- keys )?--> [a-z &]+\n)+/m, () =>
    [
      `  gateway --> ${all}\n`,
      ...services.filter(callsSeveral).map((name) => `  ${name} --> ${calleesOf(name).join(" & ")}\n`),
      `  ${keys} ${toUsers} users\n`,
      ...further,
    ].join(""),
  );
  return written
    .replace(/^ {2}users & .* --> postgres$/m, `  ${all} --> postgres`)
    .replace(/^ {2}gateway & .* --> nats$/m, `  gateway & ${all} --> nats`);
}

/** Writes a block for each service without one, with the tag of the gateway, and removes those of others. Releases write the tags. */
function taggedServices(text: string, { services, simulators }: Apps, more: string): string {
  const block = /^([a-z-]+):\n {2}image: \{ tag: "([^"]*)" \}\n(?: +.*\n)*/gm;
  const kept = text.replace(block, (all, name) => (["gateway", ...services, ...simulators].includes(name) ? all : ""));
  const found = [...kept.matchAll(block)].filter(([, name = ""]) => ["gateway", ...services].includes(name));
  const [first, last] = [found[0], found.at(-1)];
  if (first === undefined || last === undefined) throw new Error("There is no place for services: none has a tag.");
  const missing = services.filter((service) => !found.some(([, name]) => name === service));
  const end = last.index + last[0].length;
  const blocks = missing.map((name) => `${name}:\n  image: { tag: "${first[2]}" }\n${more}`);
  return kept.slice(0, end) + blocks.join("") + kept.slice(end);
}

const skaffoldArtifact = (name: string) => {
  const sources = name === HOST ? ", SOURCES: all-apps" : "";
  return `    - image: kontor/${name}
      docker: { <<: *docker, buildArgs: { APP: ${name}${sources} } }
      sync: { manual: [{ src: apps/${name === HOST ? "*" : name}/src/**, dest: /tmp/app }, *packages, *shop], hooks: *restart }
`;
};

const BEGIN = "# Services without settings of their own; written by `npm run generate`.\n\n";
const END = "\n# Until here.\n";

/** Writes a block for each service that the rest of a file of values does not name. */
function plainServices(text: string, services: readonly string[], block: (name: string) => string): string {
  const [before, rest] = halves(text, BEGIN);
  const [, after] = halves(rest, END);
  const isNamed = (name: string) => new RegExp(`^${name}:`, "m").test(before + after);
  const blocks = services.filter((name) => !isNamed(name)).map(block);
  return before + BEGIN + blocks.join(blocks.some((one) => one.includes("\n  ")) ? "\n" : "") + END + after;
}

function halves(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`There is no line ${JSON.stringify(mark.trim())} followed or preceded by an empty one.`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function replaced(text: string, pattern: RegExp, next: (...groups: string[]) => string): string {
  if (!pattern.test(text)) throw new Error(`There is no place for the list: ${pattern.source}.`);
  return text.replace(pattern, (_, ...groups: string[]) => next(...groups));
}
