import { check, demand } from "./checks.ts";

const DEFAULT_SIZE = 20;
const LARGEST_ID = 2n ** 63n - 1n;

/** Reads which page of movements is wanted. */
export function pageOf({ pageSize, pageToken }: { pageSize: number; pageToken: string }) {
  const cursor = Buffer.from(pageToken, "base64url").toString();
  const readable = /^\d{1,19}$/.test(cursor) && BigInt(cursor) <= LARGEST_ID && tokenOf(BigInt(cursor)) === pageToken;
  demand(
    check(pageSize >= 0 && pageSize <= 100, "pageSize", "Must be 1 to 100, or 0 for 20."),
    check(pageToken === "" || readable, "pageToken", "Must be the nextPageToken of the page before."),
  );
  return { size: pageSize || DEFAULT_SIZE, ...(readable && { before: BigInt(cursor) }) };
}

export function tokenOf(last: bigint): string {
  return Buffer.from(String(last)).toString("base64url");
}
