import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { root } from "../helm.ts";
import { upgradeTo } from "../rollout.ts";
import { attempt, run } from "../run.ts";
import { type Act, RELEASE, type World } from "../world.ts";

const kontor = fileURLToPath(new URL("../../../cli/src/kontor.ts", import.meta.url));

/** A response that reports an error ends the script. */
const STRICT = `set -euo pipefail
curl() { command curl --silent --show-error --fail-with-body "$@" || { echo "failed: curl $*" >&2; exit 1; }; }
`;

/** Everything that a reader of the guide does after an install. */
export const requests: Act = {
  name: "requests",
  about:
    "under the default rate limits: the seed Job, then kontor seed, kontor demo and each request of docs/guides/first-requests.md from outside",
  async run(world) {
    const { kube } = world;
    const shell = await attempt("bash", ["-c", "command -v curl"]).catch(() => undefined);
    if (shell?.code !== 0) return { facts: {}, skipped: "there is no bash with curl" };
    // Without the rate limits of rehearsals, like an installation of a reader.
    await upgradeTo(world, 2, ["seed.enabled=true", "gateway.env.GATEWAY_RATE_LIMITS=\\{\\}"]);
    return kube.forward(`service/${RELEASE}-gateway`, 8080, async (port) => {
      const url = `http://127.0.0.1:${port}`;
      const { total } = (await (await fetch(`${url}/api/v1/products:search`)).json()) as { readonly total?: number };
      const env = { STAFF_PASSWORD: await staffPassword(world) };
      await run(process.execPath, [kontor, "seed", "--url", url, "--staff", "staff@kontor.example"], { env });
      await run(process.execPath, [kontor, "demo", "--url", url], { env });
      const blocks = [...page().matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block);
      const script = blocks.join("").replaceAll("http://localhost:8080", url).replaceAll("robin@", `robin-${port}@`);
      await run("bash", ["-c", STRICT + script], { env });
      const problems = total ? [] : ["The search found no product after the seed Job."];
      return { facts: { "products of the seed Job": total ?? 0, "blocks of the page": blocks.length }, problems };
    });
  },
};

const page = () => readFileSync(`${root}/docs/guides/first-requests.md`, "utf8");

async function staffPassword({ kube }: World): Promise<string> {
  const { data } = await kube.get<{ readonly data: Record<string, string> }>("secret", `${RELEASE}-users`);
  return Buffer.from(data.staffPassword ?? "", "base64").toString();
}
