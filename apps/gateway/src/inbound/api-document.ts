import { createHash } from "node:crypto";
import type { DescMethod, Registry } from "@bufbuild/protobuf";
import type { Comments } from "@kontor/openapi";
import { jsonRules } from "@kontor/policy";
import type { ProcessConfig } from "@kontor/service";
import type { ProblemOptions } from "@kontor/transcoder";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { settings } from "../config.ts";
import { entries } from "./problem-pages/catalogue.ts";
import { serveGet } from "./serve-get.ts";

/** The inputs of the API's description. */
export interface ApiDocumentOptions {
  readonly config: Pick<ProcessConfig<typeof settings>, "auth" | "apiTitle" | "apiVersion" | "descriptors">;
  readonly contracts: Registry;
  /** The RPCs that have routes, once the server is built. */
  readonly exposed: ReadonlySet<DescMethod>;
  readonly problems: ProblemOptions;
}

type Form = (document: unknown) => string | Promise<string>;

/**
 * Serves the OpenAPI document of the routes as JSON and YAML. It is made at the first request, and so are the packages loaded that make
 * it: most processes never need them.
 */
export function serveApiDocument(app: FastifyInstance, options: ApiDocumentOptions): void {
  let document: Promise<unknown> | undefined;
  const made = () => (document ??= describe(options));
  serveForm(app, "/openapi.json", "application/vnd.oai.openapi+json", made, (value) => JSON.stringify(value));
  serveForm(app, "/openapi.yaml", "application/vnd.oai.openapi", made, async (value) => {
    const { stringify } = await import("yaml");
    return stringify(value, { aliasDuplicateObjects: false });
  });
}

function serveForm(app: FastifyInstance, url: string, type: string, made: () => Promise<unknown>, form: Form): void {
  let served: Promise<{ readonly text: string; readonly tag: string }> | undefined;
  serveGet(app, url, async (request, reply) => {
    served ??= Promise.resolve(made()).then(form).then(tagged);
    return send(request, reply, type, await served);
  });
}

function tagged(text: string): { readonly text: string; readonly tag: string } {
  return { text, tag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
}

function send(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  type: string,
  { text, tag }: { readonly text: string; readonly tag: string },
): FastifyReply {
  reply.header("Cache-Control", "public, no-cache").header("ETag", tag);
  if (headers["if-none-match"]?.includes(tag)) return reply.code(304).send();
  return reply.type(`${type}; charset=utf-8`).send(text);
}

async function describe({ config, contracts, exposed, problems }: ApiDocumentOptions): Promise<unknown> {
  const { openApiDocument } = await import("@kontor/openapi");
  return openApiDocument({
    methods: exposed,
    json: jsonRules,
    comments: await commentsOf(config.descriptors, contracts),
    policy: config.auth === "on",
    title: config.apiTitle,
    version: config.apiVersion,
    errors: {
      entryOf: (reason) => catalogue.get(reason),
      statusOf: (reason, code, method) => problems.statusOf?.(reason, code, method),
      typeOf: (reason) => problems.typeOf?.(reason) ?? "about:blank",
    },
  });
}

/** Comments of the shop's contracts are generated; those of other contracts come with their descriptors, if they carry source code info. */
async function commentsOf(descriptors: string | undefined, contracts: Registry): Promise<Comments> {
  if (descriptors === undefined) return (await import("@kontor/shop/comments")).comments;
  const { commentsIn } = await import("@kontor/openapi");
  return commentsIn(contracts);
}

const catalogue = new Map(
  entries.map(({ reason, meanings }) => {
    const [first] = meanings;
    return [
      reason,
      { reason, status: first?.http ?? 500, code: first?.grpc ?? "UNKNOWN", text: first?.message.en ?? "" },
    ];
  }),
);
