import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@kontor/config";
import { capitalised } from "./names.ts";
import { refuseUsed, requireService } from "./refusals.ts";
import { contractOf, folderOf, rpcEdits, sourceOf } from "./rpc-edits.ts";
import { type Spellings, spellingsOf } from "./spellings.ts";
import { filledTemplates } from "./template.ts";
import { edited, filesWith, type Texts } from "./tree.ts";

/** The requested RPC. */
export interface RpcRequest {
  readonly service: string;
  /** `CountVotes`. */
  readonly rpc: string;
  /** Whether it changes something: POST and a command, instead of GET and a query. */
  readonly changes: boolean;
  /** The scope that callers need; undefined: all may call it. */
  readonly scope: string | undefined;
  /** Default: `/api/v1/<service>/{id}:<rpc>`. */
  readonly path: string | undefined;
}

/** Returns the texts of all files that a new RPC adds and changes. Throws a Refusal if it cannot be added; nothing is written. */
export function planNewRpc(root: string, request: RpcRequest): Texts {
  const { service, rpc, changes, scope } = request;
  requireService(service);
  const name = spellingsOf("RPC", rpc, "CountVotes");
  const path = request.path ?? `/api/v1/${service}/{id}:${name.camel}`;
  refuseTaken(root, service, name, path);
  if (scope !== undefined) requireScope(root, scope);
  const files = filledTemplates("new-rpc", {
    ...{ service, path, rpc: name.camel, Rpc: rpc, Service: capitalised(service), words: name.words, file: name.kebab },
    folder: folderOf(changes),
    verb: changes ? "POST" : "GET",
    scopes: scope === undefined ? "" : `"${scope}"`,
    accessSentence: scope === undefined ? "returns it also" : "is refused",
    accessExpectation:
      scope === undefined
        ? 'expect(await call).toMatchObject({ id: "1" })'
        : 'expect(call).rejects.toMatchObject({ code: "UNAUTHENTICATED" })',
  });
  return new Map([...edited(root, rpcEdits(service, name, { changes, scope, path }), "add"), ...files]);
}

/** Returns the texts without the RPC, and the files that are its own. Throws a Refusal if it is not there as the command wrote it, or used. */
export function planRpcRemoval(
  root: string,
  { service, rpc, force }: { readonly service: string; readonly rpc: string; readonly force: boolean },
): { readonly texts: Texts; readonly own: readonly string[] } {
  requireService(service);
  const name = spellingsOf("RPC", rpc, "CountVotes");
  const changes = existsSync(join(root, sourceOf(service, name, true)));
  const source = sourceOf(service, name, changes);
  const test = `apps/${service}/test/${name.kebab}.test.ts`;
  const missing = [source, test].find((path) => !existsSync(join(root, path)));
  if (missing !== undefined && !force)
    throw new Refusal(`"${rpc}" is not an RPC of ${service} that \`new rpc\` created: ${missing} is not there.`);
  const own = [source, `apps/${service}/test/${name.kebab}.test.ts`, `.changeset/${service}-${name.kebab}.md`];
  const texts = edited(root, rpcEdits(service, name, { changes, scope: undefined, path: "" }), "remove", {
    skip: force,
  });
  refuseUsed(root, {
    service,
    what: rpc,
    within: `\\b(${name.pascal}|${name.camel})\\b`,
    elsewhere: `\\.${name.camel}\\b`,
    texts,
    own,
    force,
  });
  return { texts, own };
}

function refuseTaken(root: string, service: string, name: Spellings, path: string): void {
  if (!/^\/api\/v1\/[a-z]\S*\{id\}\S*$/.test(path))
    throw new Refusal(
      `--path ${path}: it must begin with /api/v1/ and contain {id}, such as /api/v1/${service}/{id}:${name.camel}.`,
    );
  const [taken] = filesWith(root, `^  rpc ${name.pascal}\\(`).filter((file) => file === contractOf(service));
  if (taken !== undefined) throw new Refusal(`The RPC ${name.pascal} is taken: ${taken} declares it.`);
  const escaped = path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const [route] = filesWith(root, `: "${escaped}"`).filter((file) => file.endsWith(".proto"));
  if (route !== undefined)
    throw new Refusal(`The path ${path} is taken: ${route} declares it. Choose another: --path PATH`);
  for (const file of [
    sourceOf(service, name, true),
    sourceOf(service, name, false),
    `apps/${service}/test/${name.kebab}.test.ts`,
  ])
    if (existsSync(join(root, file))) throw new Refusal(`The name ${name.pascal} is taken: ${file} is there.`);
}

/** Scopes are those of the roles of users. */
function requireScope(root: string, scope: string): void {
  const roles = readFileSync(join(root, "apps/users/src/domain/role.ts"), "utf8");
  const known = [...new Set([...roles.matchAll(/"(\w+\.[\w.]+)"/g)].map(([, found = ""]) => found))];
  if (!known.includes(scope))
    throw new Refusal(
      `There is no scope "${scope}". Name one of ${known.join(", ")}, or add it to apps/users/src/domain/role.ts first.`,
    );
}
