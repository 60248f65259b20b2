import { createHash } from "node:crypto";
import { Failure } from "../bootstrap/say.mjs";

/** Returns what a URL serves as a Buffer, and its content type. Credentials in the URL are sent as basic authentication. Throws a Failure. */
export async function download(
  address: string,
  { seconds, accept = "*/*" }: { readonly seconds: number; readonly accept?: string },
): Promise<{ body: Buffer; type: string }> {
  const url = new URL(address);
  const headers: Record<string, string> = { accept };
  if (url.username !== "") {
    const userinfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(userinfo).toString("base64")}`;
    url.username = "";
    url.password = "";
  }
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(seconds * 1000) });
    if (!response.ok) throw new Failure(`${url} responded with ${response.status}`);
    return { body: Buffer.from(await response.arrayBuffer()), type: response.headers.get("content-type") ?? "" };
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (!(error instanceof Error)) throw error;
    const { message } = error.cause instanceof Error ? error.cause : error;
    throw new Failure(`${url}: ${error.name === "TimeoutError" ? `not complete after ${seconds} s` : message}`);
  }
}

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
