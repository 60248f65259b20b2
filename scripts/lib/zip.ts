import { inflateRawSync } from "node:zlib";
import { Failure } from "../bootstrap/say.mjs";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * Returns the content of the first file in a zip archive whose name `wanted` accepts, or undefined. Throws a Failure for what is no
 * zip archive, or one with more than 65,535 files or 4 GiB. The caller verifies the content: checksums of the archive are ignored.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function fileInZip(archive: Buffer, wanted: (name: string) => boolean): Buffer | undefined {
  try {
    return find(archive, wanted);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`it is not a whole zip archive (${error instanceof Error ? error.message : error})`);
  }
}

function find(archive: Buffer, wanted: (name: string) => boolean): Buffer | undefined {
  const end = endOfDirectory(archive);
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== ENTRY) throw new Failure("it is not a whole zip archive (a damaged directory)");
    const lengthAt = (offset: number) => archive.readUInt16LE(at + offset);
    const [name, extra, comment] = [lengthAt(28), lengthAt(30), lengthAt(32)];
    if (wanted(archive.toString("utf8", at + 46, at + 46 + name))) return contentOf(archive, at);
    at += 46 + name + extra + comment;
  }
  return undefined;
}

function endOfDirectory(archive: Buffer): number {
  const first = Math.max(0, archive.length - END_LENGTH - LONGEST_COMMENT);
  for (let at = archive.length - END_LENGTH; at >= first; at -= 1) if (archive.readUInt32LE(at) === END) return at;
  throw new Failure("it is not a zip archive");
}

function contentOf(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const length = archive.readUInt32LE(entry + 20);
  const header = archive.readUInt32LE(entry + 42);
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const packed = archive.subarray(start, start + length);
  if (method === STORED) return packed;
  if (method === DEFLATED) return inflateRawSync(packed);
  throw new Failure(`it is compressed by method ${method}, which is not supported`);
}
