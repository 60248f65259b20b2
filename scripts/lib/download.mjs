import { createHash } from "node:crypto";
import { Failure } from "./say.mjs";

/** Returns what a URL serves as a Buffer, and its content type. Credentials in the URL are sent as basic authentication. Throws a Failure. */
export async function download(address, { seconds, accept = "*/*" }) {
  const url = new URL(address);
  const headers = { accept };
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
    const late = error.name === "TimeoutError";
    throw new Failure(`${url}: ${late ? `not complete after ${seconds} s` : (error.cause?.message ?? error.message)}`);
  }
}

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
