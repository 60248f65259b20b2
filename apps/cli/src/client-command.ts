import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createFileRegistry, fromBinary, type Registry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { clientSource, reasonsIn, servedMethods } from "@kontor/client-generator";
import { Refusal, readFlags } from "@kontor/config";
import { type Comments, commentsIn } from "@kontor/openapi";
import { jsonRules } from "@kontor/policy";

const help = `Writes a typed TypeScript client of contracts, with its runtime: no packages are needed.

  npm run kontor -- client [--out DIR] [--contracts FILE] [--auth off]

  --out DIR          where to write client.ts and runtime/ (default: client)
  --contracts FILE   a binary FileDescriptorSet, as \`buf build -o FILE\` writes it (default: the contracts of the shop)
  --auth off         for contracts that carry none of our options, as GATEWAY_AUTH=off of the gateway
  --help             this

The files import each other with their ending, .ts. tsc needs allowImportingTsExtensions or rewriteRelativeImportExtensions for it.`;

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** The domains of the reasons that any API behind the gateway has. */
const EDGE = new Set(["gateway", "gateway.kontor", "any service", "policy.kontor", "rpc.kontor", "idempotency.kontor"]);

/** `kontor client`: returns the exit code. */
export async function clientCommand(args: readonly string[]): Promise<number> {
  const flags = { out: { type: "string" }, contracts: { type: "string" }, auth: { type: "string" } } as const;
  const options = readFlags(args, flags, help);
  if (options === undefined) return 0;
  const { out = "client", contracts: file, auth = "on" } = options;
  if (auth !== "on" && auth !== "off") throw new Refusal(`--auth is "${auth}". It is on or off.`);
  const { registry, comments } = file === undefined ? await ofShop() : contractsIn(file);
  const catalogue = JSON.parse(readFileSync(join(root, "apps/gateway/src/gen/problem-pages.json"), "utf8"));
  const source = clientSource({
    methods: methodsOf(registry, auth === "on"),
    json: jsonRules,
    comments,
    policy: auth === "on",
    reasons: reasonsIn(catalogue, file === undefined ? undefined : EDGE),
    runtime: "./runtime/index.ts",
  });
  const folder = resolve(out);
  mkdirSync(join(folder, "runtime"), { recursive: true });
  writeFileSync(join(folder, "client.ts"), source);
  const runtime = join(root, "packages/client/src");
  for (const name of readdirSync(runtime).filter((each) => !each.includes(".test.")))
    cpSync(join(runtime, name), join(folder, "runtime", name));
  console.log(`client   ${join(folder, "client.ts")}`);
  return 0;
}

function methodsOf(registry: Registry, policy: boolean): ReturnType<typeof servedMethods> {
  try {
    return servedMethods(registry, policy);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`${problem} Contracts without our options need --auth off.`, { cause });
  }
}

interface Contracts {
  readonly registry: Registry;
  readonly comments: Comments;
}

async function ofShop(): Promise<Contracts> {
  const [{ registry }, { comments }] = await Promise.all([
    import("@kontor/shop/registry"),
    import("@kontor/shop/comments"),
  ]);
  return { registry, comments };
}

function contractsIn(file: string): Contracts {
  try {
    const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file)));
    return { registry, comments: commentsIn(registry) };
  } catch (cause) {
    throw new Refusal(`--contracts: ${file} is not a FileDescriptorSet with all of its imports.`, { cause });
  }
}
