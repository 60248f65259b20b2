import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { errorStatusOf } from "../../apps/gateway/src/policy/method-rules.ts";
import { registry } from "../../apps/shop/src/registry.ts";
import { CODES, type Code, type KontorError } from "../../packages/errors/src/index.ts";
import { methodStatuses } from "../../packages/policy/src/index.ts";
import { codeOf } from "../../packages/transcoder/src/index.ts";
import { byCode, byReason, type Text } from "./advice.ts";
import { edgeErrors, type Meaning } from "./edge-errors.ts";
import { code, generated, table } from "./page.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A reason with its meanings and what a client can do, in every language. */
interface Reason {
  readonly reason: string;
  readonly meanings: readonly Meaning[];
  readonly advice: { readonly en: readonly string[]; readonly de: readonly string[] };
}

/** Every reason in a catalogue. */
const reasons: readonly Reason[] = [...Map.groupBy([...(await catalogued()), ...edgeErrors()], ({ reason }) => reason)]
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([reason, meanings]) => ({ reason, meanings, advice: adviceOn(reason, meanings) }));

/** Returns docs/errors: a page for each reason, named as the `type` of the problem is, and their list. */
export function errorPages(): readonly (readonly [file: string, text: string])[] {
  const pages = reasons.map((each) => [`errors/${fileOf(each.reason)}`, page(each)] as const);
  return [["errors/README.md", list()], ...pages];
}

/** Returns the same as data, from which the gateway serves its pages. */
export function errorData(): string {
  const entries = reasons.map(({ reason, meanings, advice }) => [
    reason,
    { meanings: meanings.map(({ domain, http, grpc, message }) => ({ domain, http, grpc, message })), advice },
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`;
}

function fileOf(reason: string): string {
  return `${reason.toLowerCase().replaceAll("_", "-")}.md`;
}

function list(): string {
  const rows = reasons.map(({ reason, meanings }) => [
    `[${code(reason)}](${fileOf(reason)})`,
    statusesOf(meanings),
    [...new Set(meanings.map(({ domain }) => domain))].join(", "),
  ]);
  const words = `What the API answers when it refuses: \`reason\` in a problem document, and in \`google.rpc.ErrorInfo\` over gRPC. The \`type\` of a
problem names the page. Clients decide by \`reason\`, never by the text.`;
  return `${generated}# Errors\n\n${words}\n\n${table(["Reason", "HTTP", "Said by"], rows)}\n`;
}

function page({ reason, meanings, advice }: Reason): string {
  const rows = meanings.map(({ domain, grpc, http, message }) => [domain, http, code(grpc), message.en]);
  const meaning = table(["Said by", "HTTP", "gRPC", "Meaning"], rows);
  return `${generated}# ${reason}\n\n${meaning}\n\n## What to do\n\n${advice.en.join("\n\n")}\n`;
}

function adviceOn(reason: string, meanings: readonly Meaning[]): Reason["advice"] {
  const own = byReason[reason];
  const found = own ? [own] : [...new Set(meanings.flatMap(({ grpc }) => byCode[grpc] ?? []))];
  return { en: found.map(({ en }) => en), de: found.map(({ de }) => de) };
}

function statusesOf(meanings: readonly Meaning[]): string {
  return [...new Set(meanings.map(({ http }) => http))].join(", ");
}

/** Finds the catalogues by how they are made, so that a new one is not forgotten. */
async function catalogued(): Promise<readonly Meaning[]> {
  const files = globSync(["apps/*/src/**/*.ts", "packages/*/src/**/*.ts"], { cwd: root, exclude: ["**/*.test.ts"] });
  const makers = files.filter((file) =>
    /^export const \w+ = defineErrors\(/m.test(readFileSync(join(root, file), "utf8")),
  );
  const modules: readonly object[] = await Promise.all(
    makers.sort().map((file) => import(pathToFileURL(join(root, file)).href)),
  );
  const catalogues = modules.flatMap((module) => Object.values(module)).filter(isCatalogue);
  return catalogues.flatMap((catalogue) => Object.values(catalogue).map(describe));
}

/** Makes an error of a catalogue. */
type Make = ((facts: object) => KontorError) & {
  readonly reason: string;
  readonly domain: string;
  readonly code: Code;
};

function isCatalogue(value: unknown): value is Record<string, Make> {
  const entries = typeof value === "object" && value !== null ? Object.values(value) : [];
  return (
    entries.length > 0 &&
    entries.every((entry) => typeof entry === "function" && "reason" in entry && "domain" in entry)
  );
}

/** Returns what an error means, of one whose facts are their own names. */
function describe(make: Make): Meaning {
  const value = (_: object, name: string | symbol) => `{${String(name)}}`;
  const found = (_: object, name: string | symbol) => ({ value: value(_, name), configurable: true, enumerable: true });
  const facts = new Proxy({}, { get: value, getOwnPropertyDescriptor: found });
  const { reason, domain, code: grpc } = make;
  return { reason, domain, grpc, http: httpStatus(reason, domain, grpc), message: textsOf(make(facts)) };
}

function textsOf({ reason, message, translations }: KontorError): Text {
  if (!translations.de) throw new Error(`${reason} has no German text.`);
  return { en: message, de: translations.de };
}

/** Returns the status that the contracts of the domain declare for the reason, else that of its code. */
function httpStatus(reason: string, domain: string, grpc: Code): number {
  const ours = [...registry].filter((type) => type.kind === "service" && type.typeName.startsWith(packageOf(domain)));
  const declared = ours
    .flatMap((type) => (type.kind === "service" ? type.methods : []))
    .map((method) => methodStatuses(method).errors.get(reason));
  const known = declared.find((status) => status !== undefined) ?? errorStatusOf(reason, grpc);
  return known ?? codeOf(CODES.indexOf(grpc) + 1).http;
}

function packageOf(domain: string): string {
  return `${domain.split(".").toReversed().join(".")}.`;
}
