import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Principal } from "@kontor/policy";
import { HEADER } from "@kontor/rpc";
import type { FastifyRequest } from "fastify";

/** Whose requests are counted together: the principal's, else those of an address, or of an IPv6 network of /64. */
export function countedAs(request: FastifyRequest, principal: Principal | undefined): string {
  return digest(principal === undefined ? `address ${network(request.ip)}` : `subject ${principal.subject}`);
}

/** Returns what a service receives about the program that makes a public request. It cannot set these itself. */
export function clientOf(request: FastifyRequest): Readonly<Record<string, string>> {
  return {
    [HEADER.clientNetwork]: digest(`network ${network(request.ip)}`),
    [HEADER.clientProgram]: digest(`program ${request.headers["user-agent"] ?? ""}`),
  };
}

/** Returns the scope of a caller's idempotency keys. An unverified token still separates its bearers. */
export function keySpaceOf(request: FastifyRequest, principal: Principal | undefined): string {
  return principal === undefined ? `bearer ${request.headers.authorization ?? ""}` : `subject ${principal.subject}`;
}

/** 22 characters that fit a NATS subject and say nothing about what they stand for. */
export function digest(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

function network(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.split("%", 1)[0]?.toLowerCase().split("::") ?? [];
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  return [...front, ...Array<string>(gap).fill("0"), ...back]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
