import { createHash } from "node:crypto";
import { preferredLanguage } from "@kontor/text/language";
import { type Language, negotiate, refusal, say } from "@kontor/transcoder";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { serveGet } from "../serve-get.ts";
import { bySlug, entries, isServedHere } from "./catalogue.ts";
import { problemHtml, problemListHtml, STYLE } from "./html.ts";
import { problemListMarkdown, problemMarkdown } from "./markdown.ts";

const styleHash = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;
const types = ["text/html", "text/markdown"];

/**
 * Serves the pages that the `type` of a problem names, and their list, if `base` is a path. A page is HTML or Markdown by
 * `Accept`, in the language of `Accept-Language`, without scripts.
 */
export function serveProblemPages(app: FastifyInstance, base: string): void {
  if (!isServedHere(base)) return;
  serveGet(app, base, (request, reply) =>
    sendPage(request, reply, (language, isHtml) =>
      isHtml ? problemListHtml(entries, language) : problemListMarkdown(entries, language),
    ),
  );
  serveGet(app, `${base}:slug`, (request, reply) => {
    const { slug } = request.params as { readonly slug: string };
    const entry = bySlug.get(slug);
    if (entry === undefined) throw refusal("ROUTE_NOT_FOUND", say("ROUTE_NOT_FOUND"));
    return sendPage(request, reply, (language, isHtml) =>
      isHtml ? problemHtml(entry, language) : problemMarkdown(entry, language),
    );
  });
}

function sendPage(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  pageIn: (language: Language, isHtml: boolean) => string,
): FastifyReply {
  const language = preferredLanguage(headers["accept-language"], ["en", "de"]);
  const isHtml = negotiate(headers.accept, types) !== "text/markdown";
  const { vary } = reply.getHeaders();
  return reply
    .header("Cache-Control", "public, max-age=3600")
    .header("Content-Language", language)
    .header(
      "Content-Security-Policy",
      `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    .header("Vary", [...(vary === undefined ? [] : [vary]), "Accept", "Accept-Language"].join(", "))
    .type(`${isHtml ? "text/html" : "text/markdown"}; charset=utf-8`)
    .send(pageIn(language, isHtml));
}
