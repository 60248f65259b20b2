import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { errorStatusOf } from "../../apps/gateway/src/policy/method-rules.ts";
import { registry } from "../../apps/shop/src/registry.ts";
import { CODES } from "../../packages/errors/src/index.ts";
import { methodStatuses } from "../../packages/policy/src/index.ts";
import { codeOf } from "../../packages/transcoder/src/index.ts";
import { byCode, byReason } from "./advice.mjs";
import { edgeErrors } from "./edge-errors.mjs";
import { code, generated, table } from "./page.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every reason in a catalogue with what it means and what a client can do, in every language. */
const reasons = [...Map.groupBy([...(await catalogued()), ...edgeErrors()], ({ reason }) => reason)]
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([reason, meanings]) => ({ reason, meanings, advice: adviceOn(reason, meanings) }));

/** docs/errors: a page for each reason, named as the `type` of the problem is, and their list. */
export function errorPages() {
  return [["errors/README.md", list()], ...reasons.map((each) => [`errors/${fileOf(each.reason)}`, page(each)])];
}

/** The same as data, from which the gateway serves its pages. */
export function errorData() {
  const entries = reasons.map(({ reason, meanings, advice }) => [
    reason,
    { meanings: meanings.map(({ domain, http, grpc, message }) => ({ domain, http, grpc, message })), advice },
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`;
}

function fileOf(reason) {
  return `${reason.toLowerCase().replaceAll("_", "-")}.md`;
}

function list() {
  const rows = reasons.map(({ reason, meanings }) => [
    `[${code(reason)}](${fileOf(reason)})`,
    statusesOf(meanings),
    [...new Set(meanings.map(({ domain }) => domain))].join(", "),
  ]);
  const words = `What the API answers when it refuses: \`reason\` in a problem document, and in \`google.rpc.ErrorInfo\` over gRPC. The \`type\` of a
problem names the page. Clients decide by \`reason\`, never by the text.`;
  return `${generated}# Errors\n\n${words}\n\n${table(["Reason", "HTTP", "Said by"], rows)}\n`;
}

function page({ reason, meanings, advice }) {
  const rows = meanings.map(({ domain, grpc, http, message }) => [domain, http, code(grpc), message.en]);
  const meaning = table(["Said by", "HTTP", "gRPC", "Meaning"], rows);
  return `${generated}# ${reason}\n\n${meaning}\n\n## What to do\n\n${advice.en.join("\n\n")}\n`;
}

function adviceOn(reason, meanings) {
  const found = byReason[reason] ? [byReason[reason]] : [...new Set(meanings.map(({ grpc }) => byCode[grpc]))];
  return { en: found.map(({ en }) => en), de: found.map(({ de }) => de) };
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
  const value = (_, name) => `{${String(name)}}`;
  const found = (_, name) => ({ value: value(_, name), configurable: true, enumerable: true });
  const facts = new Proxy({}, { get: value, getOwnPropertyDescriptor: found });
  const { reason, domain, code: grpc } = make;
  return { reason, domain, grpc, http: httpStatus(reason, domain, grpc), message: textsOf(make(facts)) };
}

function textsOf({ reason, message, translations }) {
  if (!translations.de) throw new Error(`${reason} has no German text.`);
  return { en: message, de: translations.de };
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

function packageOf(domain) {
  return `${domain.split(".").toReversed().join(".")}.`;
}
