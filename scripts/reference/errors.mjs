import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { errorStatusOf } from "../../apps/gateway/src/policy/method-rules.ts";
import { registry } from "../../packages/contracts/src/registry.ts";
import { CODES } from "../../packages/errors/src/index.ts";
import { methodStatuses } from "../../packages/policy/src/index.ts";
import { codeOf } from "../../packages/transcoder/src/index.ts";
import { byCode, byReason } from "./advice.mjs";
import { edgeErrors } from "./edge-errors.mjs";
import { code, generated, table } from "./page.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** docs/errors: a page for each reason in a catalogue, named as the `type` of the problem is, and their list. */
export async function errorPages() {
  const errors = Map.groupBy([...(await catalogued()), ...edgeErrors(root)], ({ reason }) => reason);
  const sorted = [...errors].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    ["errors/README.md", list(sorted)],
    ...sorted.map(([reason, meanings]) => [`errors/${fileOf(reason)}`, page(reason, meanings)]),
  ];
}

const fileOf = (reason) => `${reason.toLowerCase().replaceAll("_", "-")}.md`;

function list(errors) {
  const rows = errors.map(([reason, meanings]) => [
    `[${code(reason)}](${fileOf(reason)})`,
    statusesOf(meanings),
    [...new Set(meanings.map(({ domain }) => domain))].join(", "),
  ]);
  const words = `What the API answers when it refuses: \`reason\` in a problem document, and in \`google.rpc.ErrorInfo\` over gRPC. The \`type\` of a
problem names the page. Clients decide by \`reason\`, never by the text.`;
  return `${generated}# Errors\n\n${words}\n\n${table(["Reason", "HTTP", "Said by"], rows)}\n`;
}

function page(reason, meanings) {
  const rows = meanings.map(({ domain, grpc, http, message }) => [domain, http, code(grpc), message]);
  const advice = byReason[reason] ?? [...new Set(meanings.map(({ grpc }) => byCode[grpc]))].join("\n\n");
  const meaning = table(["Said by", "HTTP", "gRPC", "Meaning"], rows);
  return `${generated}# ${reason}\n\n${meaning}\n\n## What to do\n\n${advice}\n`;
}

function statusesOf(meanings) {
  return [...new Set(meanings.map(({ http }) => http))].join(", ");
}

/** Finds the catalogues by how they are made, so that a new one is not forgotten. */
async function catalogued() {
  const files = globSync(["apps/*/src/**/*.ts", "packages/*/src/**/*.ts"], { cwd: root, exclude: ["**/*.test.ts"] });
  const makers = files.filter((file) =>
    /^export const \w+ = defineErrors\(/m.test(readFileSync(join(root, file), "utf8")),
  );
  const modules = await Promise.all(makers.sort().map((file) => import(pathToFileURL(join(root, file)).href)));
  const catalogues = modules.flatMap((module) => Object.values(module)).filter(isCatalogue);
  return catalogues.flatMap((catalogue) => Object.values(catalogue).map(describe));
}

function isCatalogue(value) {
  const entries = typeof value === "object" && value !== null ? Object.values(value) : [];
  return (
    entries.length > 0 &&
    entries.every((entry) => typeof entry === "function" && "reason" in entry && "domain" in entry)
  );
}

/** An error whose facts are their own names. */
function describe(make) {
  const facts = new Proxy({}, { get: (_, name) => `{${String(name)}}` });
  const { reason, domain, code: grpc } = make;
  return { reason, domain, grpc, http: httpStatus(reason, domain, grpc), message: make(facts).message };
}

/** What the contracts of the domain say of the reason, else what its code stands for. */
function httpStatus(reason, domain, grpc) {
  const ours = [...registry].filter(
    ({ kind, typeName }) => kind === "service" && typeName.startsWith(packageOf(domain)),
  );
  const declared = ours.flatMap(({ methods }) => methods).map((method) => methodStatuses(method).errors.get(reason));
  const known = declared.find((status) => status !== undefined) ?? errorStatusOf(reason, grpc);
  return known ?? codeOf(CODES.indexOf(grpc) + 1).http;
}

const packageOf = (domain) => `kontor.${domain.split(".")[0]}.`;
