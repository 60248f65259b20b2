import { promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";
import type { Around, Reply } from "@kontor/transcoder";
import { type Coding, type CodingChoice, codedTag } from "./content-coding.ts";

type Body = string | Uint8Array;

const gzipped = promisify(gzip);
const brotli = promisify(brotliCompress);
const zstd = promisify(zstdCompress);

/** All of them work in the thread pool. Brotli's default, 11, takes a hundred times as long as 4. */
const compressors: Readonly<Record<Coding, (body: Body) => Promise<Uint8Array>>> = {
  gzip: (body) => gzipped(body),
  br: (body) => brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (body) => zstd(body),
};

const coded = Symbol("coded");
type Coded = Reply & { readonly [coded]?: Map<Coding, Promise<Uint8Array>> };

/** Returns a reply that stores its compressed forms, so that a reply that is sent again is compressed once. Copies by spread share them. */
export function keepingCodings(reply: Reply): Reply {
  const kept: Coded = { ...reply, [coded]: new Map() };
  return kept;
}

/** Compresses the responses that `around` returns, by `choice`. `vary` is the `Vary` of responses without one. */
export function compressing(around: Around, choice: CodingChoice, vary: readonly string[]): Around {
  return async (call, next) => {
    const reply: Coded = await around(call, next);
    if (reply.body === undefined || !choice.varies(call.request, reply)) return reply;
    const { body } = reply;
    const headers: Reply["headers"] = { ...reply.headers, Vary: varyOf(reply, vary) };
    const coding = choice.codingOf(call.request, reply);
    if (coding === undefined) return { ...reply, headers };
    const tag = headers.ETag && codedTag(headers.ETag, coding);
    return {
      ...reply,
      headers: { ...headers, "Content-Encoding": coding, ...(tag && { ETag: tag }) },
      body: await compressed(body, coding, reply[coded]),
    };
  };
}

function varyOf({ headers }: Reply, vary: readonly string[]): string {
  const given = headers.Vary ?? vary.join(", ");
  if (given.includes("Accept-Encoding")) return given;
  return given === "" ? "Accept-Encoding" : `${given}, Accept-Encoding`;
}

function compressed(
  body: Body,
  coding: Coding,
  kept: Map<Coding, Promise<Uint8Array>> | undefined,
): Promise<Uint8Array> {
  const known = kept?.get(coding);
  if (known !== undefined) return known;
  const made = compressors[coding](body);
  kept?.set(coding, made);
  return made;
}
