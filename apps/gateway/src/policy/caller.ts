import { hash } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Principal } from "@kontor/policy";
import { HEADER } from "@kontor/rpc";
import type { FastifyRequest } from "fastify";

/** Whose requests are counted together: the principal's, else those of an address, or of an IPv6 network of /64. */
export function countedAs(request: FastifyRequest, principal: Principal | undefined): string {
  return principal === undefined ? networkDigest("address", request.ip) : knownDigest(`subject ${principal.subject}`);
}

/** Returns the metadata about the client of a public request. The client itself cannot set it. */
export function clientOf(request: FastifyRequest): Readonly<Record<string, string>> {
  return {
    [HEADER.clientNetwork]: networkDigest("network", request.ip),
    [HEADER.clientProgram]: knownDigest(`program ${request.headers["user-agent"] ?? ""}`),
  };
}

/** Returns the scope of a caller's idempotency keys. An unverified token still separates its bearers. */
export function keySpaceOf(request: FastifyRequest, principal: Principal | undefined): string {
  return principal === undefined ? `bearer ${request.headers.authorization ?? ""}` : `subject ${principal.subject}`;
}

/** Returns a digest of 22 characters that fit a NATS subject. */
export function digest(text: string | Uint8Array): string {
  return hash("sha256", text, "base64url").slice(0, 22);
}

const MOST_KNOWN = 10_000;
const LONGEST_KNOWN = 512;
const known = new Map<string, string>();

/** Returns the digest of a text that many requests share. */
function knownDigest(text: string): string {
  return remembered(text, () => digest(text));
}

function networkDigest(purpose: string, address: string): string {
  return remembered(`${purpose} ip ${address}`, () => digest(`${purpose} ${network(address)}`));
}

/** Caches the digests of the last texts, except long ones. */
function remembered(text: string, make: () => string): string {
  const found = known.get(text);
  if (found !== undefined) return found;
  const made = make();
  if (text.length > LONGEST_KNOWN) return made;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, made);
  return made;
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
