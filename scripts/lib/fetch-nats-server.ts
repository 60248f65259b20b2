import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cachedNatsServer, NATS_OLDEST, unusable } from "../bootstrap/find-nats-server.mjs";
import { Failure, say } from "../bootstrap/say.mjs";
import { sources as allSources, type Source } from "./nats-server-sources.ts";

/**
 * Brings a nats-server into the cache and returns its path. Tries each source when the ones before failed, and says what it does.
 * `rejected` tells why each one of this machine is not used. Throws a Failure with the reason of every source.
 */
export async function fetchNatsServer(
  rejected: readonly string[],
  {
    env = process.env,
    sources = allSources,
  }: { readonly env?: NodeJS.ProcessEnv; readonly sources?: readonly Source[] } = {},
): Promise<string> {
  say(`No nats-server ≥ ${NATS_OLDEST} on this machine: one is fetched into the cache.`);
  const reasons = [...rejected];
  for (const reason of reasons) say(`  ${reason}`);

  const target = cachedNatsServer(env);
  mkdirSync(dirname(target), { recursive: true });
  for (const { title, bring } of sources) {
    say(`nats-server: ${title} …`);
    const partial = mkdtempSync(join(dirname(target), "partial-"));
    try {
      const program = await bring(partial, { env });
      chmodSync(program, 0o755);
      const problem = unusable(program);
      if (problem) throw new Failure(problem);
      renameSync(program, target);
      say("nats-server: ready");
      return target;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      reasons.push(`${title}: ${error.message}`);
      say(`  failed: ${error.message}`);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const remedy = `Install nats-server ≥ ${NATS_OLDEST} (https://docs.nats.io) and put it in PATH, or name it in KONTOR_NATS_SERVER.`;
  throw new Failure(["There is no nats-server:", ...reasons.map((reason) => `  ${reason}`), remedy].join("\n"));
}
