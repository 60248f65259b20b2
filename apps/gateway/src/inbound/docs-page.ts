import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { refusal, say } from "@kontor/transcoder";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { serveGet } from "./serve-get.ts";

const gzipped = promisify(gzip);

/** The files of the page, by their names below `/docs/assets/`. */
const assets: Readonly<Record<string, { readonly file: () => string; readonly type: string }>> = {
  "page.js": { file: () => import.meta.resolve("@kontor/api-page/page.js"), type: "text/javascript" },
  "exact-json.js": { file: () => import.meta.resolve("@kontor/api-page/exact-json.js"), type: "text/javascript" },
  "typescript-call.js": {
    file: () => import.meta.resolve("@kontor/api-page/typescript-call.js"),
    type: "text/javascript",
  },
  "page.css": { file: () => import.meta.resolve("@kontor/api-page/page.css"), type: "text/css" },
  "viewer.js": { file: () => import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js"), type: "text/javascript" },
  "viewer.css": { file: () => import.meta.resolve("swagger-ui-dist/swagger-ui.css"), type: "text/css" },
};

/** Scripts, styles and calls of this origin only. The styles of the viewer have their images in `data:` URLs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Returns whether the page is served. Container images run with NODE_ENV=production. */
export function hasPage(setting: "on" | "off" | "auto"): boolean {
  return setting === "auto" ? process.env.NODE_ENV !== "production" : setting === "on";
}

/**
 * Serves the page at `/docs` that shows the API and calls it. Its files are read at the first request, and kept compressed. The page takes nothing
 * from its own URL but the operation that is open.
 */
export function serveDocsPage(app: FastifyInstance, title: string): void {
  const html = pageOf(title);
  serveGet(app, "/docs", (_request, reply) =>
    reply
      .header("Cache-Control", "no-cache")
      .header("Content-Security-Policy", policy)
      .header("Referrer-Policy", "no-referrer")
      .type("text/html; charset=utf-8")
      .send(html),
  );
  const loaded = new Map<string, Promise<Asset>>();
  serveGet(app, "/docs/assets/:name", async (request, reply) => {
    const { name } = request.params as { readonly name: string };
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
    if (asset === undefined) throw refusal("ROUTE_NOT_FOUND", say("ROUTE_NOT_FOUND"));
    const known = loaded.get(name) ?? load(asset.file());
    loaded.set(name, known);
    return sendAsset(request, reply, asset.type, await known);
  });
}

interface Asset {
  readonly path: string;
  readonly tag: string;
  readonly gzip: Uint8Array;
}

async function load(url: string): Promise<Asset> {
  const path = fileURLToPath(url);
  const bytes = await readFile(path);
  const tag = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  return { path, tag, gzip: await gzipped(bytes) };
}

async function sendAsset({ headers }: FastifyRequest, reply: FastifyReply, type: string, asset: Asset) {
  const isGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(headers["accept-encoding"] ?? ""));
  const tag = `"${asset.tag}${isGzip ? "-gzip" : ""}"`;
  reply.header("Cache-Control", "public, no-cache").header("Vary", "Accept-Encoding").header("ETag", tag);
  if (headers["if-none-match"]?.includes(tag)) return reply.code(304).send();
  reply.type(`${type}; charset=utf-8`);
  return isGzip ? reply.header("Content-Encoding", "gzip").send(asset.gzip) : reply.send(await readFile(asset.path));
}

function pageOf(title: string): string {
  const name = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name}: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/viewer.css">
<link rel="stylesheet" href="/docs/assets/page.css">
<header class="bar">
<p class="title">${name}</p>
<p><a href="/docs/errors/">Errors</a></p>
<p><a href="/openapi.json">OpenAPI</a></p>
<p id="login" role="status">Not logged in: call Login below, or use Authorize with a token.</p>
</header>
<main id="api"></main>
<script src="/docs/assets/viewer.js" defer></script>
<script src="/docs/assets/page.js" type="module"></script>
</html>
`;
}
