import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { join } from "node:path";
import type { Jwks } from "../key-set.ts";
import type { ServiceKeySource } from "./service-keys.ts";

const WITHIN_MS = 5_000;
const LARGEST_BYTES = 1024 * 1024;

/**
 * Loads the keys that sign a cluster's ServiceAccount tokens, and their issuer, from its API server.
 * See https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 *
 * @param url `https://kubernetes.default.svc/openid/v1/jwks`
 * @param access folder with `token` and `ca.crt` for the API server, read again for every load because the kubelet renews them
 */
export function keysFromCluster(url: string, access: string): ServiceKeySource {
  const jwks = new URL(url);
  const discovery = new URL("/.well-known/openid-configuration", jwks);
  return {
    async load() {
      const [token, ca] = await Promise.all(["token", "ca.crt"].map((name) => readFile(join(access, name), "utf8")));
      const options = { ca, headers: { authorization: `Bearer ${token?.trim()}` } };
      const [{ keys }, { issuer }] = await Promise.all([
        getJson<Jwks>(jwks, options),
        getJson<{ readonly issuer: string }>(discovery, options),
      ]);
      return { issuer, keys };
    },
  };
}

/** Requests JSON without fetch, which accepts no certificate authority of its own. Loads the client lazily: most processes never need it. */
async function getJson<T>(url: URL, options: RequestOptions): Promise<T> {
  const { request } = process.getBuiltinModule(url.protocol === "http:" ? "node:http" : "node:https");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(url, { ...options, agent: false, signal: AbortSignal.timeout(WITHIN_MS) });
  sent.on("error", reject);
  sent.on("response", (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LARGEST_BYTES) sent.destroy(new Error(`${url} sends more than ${LARGEST_BYTES} bytes.`));
    });
    response.on("error", reject);
    response.on("end", () => {
      if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
      else reject(new Error(`${url} responded with ${response.statusCode}. May the pod's ServiceAccount read it?`));
    });
  });
  sent.end();
  return JSON.parse(await promise);
}
