import { type DescMethod, toBinary } from "@bufbuild/protobuf";
import type { Principal } from "@kontor/policy";
import type { Call } from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";
import type { CacheRule } from "./cache-rule.ts";

/** Names the answers that a call may share: of its route, its message, what its principal may, and what it accepts. */
export function keyOf(
  rule: CacheRule,
  call: Call,
  principal: Principal | undefined,
  varying: readonly string[],
): string {
  const { method, message, request, found } = call;
  const { httpMethod, pattern } = found.route;
  const whose = rule.perPrincipal && principal ? [principal.subject, ...[...principal.scopes].sort()].join(" ") : "";
  const accepted = varying.map((name) => request.headers[name] ?? "");
  return JSON.stringify([rule.name, httpMethod, pattern, bytesOf(method, message), whose, ...accepted]);
}

function bytesOf({ input }: DescMethod, message: Call["message"]): string {
  return Buffer.from(toBinary(input, message)).toString("latin1");
}

/** The answers that an event drops together. */
export function groupOf({ name, keyOf: key }: CacheRule, { message }: Call): string {
  return groupName(name, key?.(message));
}

/** The same, by the key of an event. */
export function groupName(rule: string, key: string | undefined): string {
  return key === undefined ? rule : `${rule}\n${key}`;
}

/**
 * The request as the upstream of a shared answer may see it: without anything of its client that other clients do not share.
 * What is left is in the key.
 */
export function sharedView(request: FastifyRequest, shared: readonly string[]): FastifyRequest {
  const { headers, headersDistinct } = request.raw;
  const pick = <T>(all: NodeJS.Dict<T>): NodeJS.Dict<T> =>
    Object.fromEntries(shared.map((name) => [name, all[name]]).filter(([, value]) => value !== undefined));
  const raw = Object.create(request.raw, {
    headers: { value: pick(headers) },
    headersDistinct: { value: pick(headersDistinct) },
  });
  return Object.create(request, { raw: { value: raw } });
}
