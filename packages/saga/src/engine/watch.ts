import type { SagaDeps } from "../attempt/attempt.ts";
import { type Definitions, keyOf } from "../definition/definitions.ts";
import { describeError } from "../errors.ts";
import { adopt, countOpen, parkUndefined } from "../store/open-sagas.ts";
import type { SagaKey } from "../store/queue.ts";
import { showOpen } from "./open-metrics.ts";

/**
 * Creates the watch over all sagas of a database that have not ended. Each round shows their numbers and logs each definition that
 * this release does not have. It resumes sagas that were parked for a definition that this release has, and passes them to
 * `resumed`. After the grace time it parks sagas of missing definitions that no engine has claimed for as long: until then pods of
 * another release may run them.
 */
export function createWatch<S>(
  { db, log, settings: { watchMs, definitionGraceMs } }: SagaDeps<S>,
  definitions: Definitions<S>,
  resumed: (key: SagaKey) => void,
) {
  const missing = new Set<string>();
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;

  async function watch(): Promise<void> {
    const rows = await countOpen(db);
    showOpen(rows, definitions);
    for (const { name: saga, definition_version: version, phase, count } of rows) {
      const key = `${keyOf({ name: saga, definition_version: version })} ${phase}`;
      if (definitions.find({ name: saga, definition_version: version }) !== undefined || missing.has(key)) continue;
      missing.add(key);
      log.warn({ saga, version, phase, count: Number(count) }, "sagas without a definition found");
    }
    for (const key of await adopt(db, definitions.keys)) resumed(key);
    if (performance.now() - startedAt < definitionGraceMs) return;
    for (const { name: saga, id: sagaId, definition_version: version, error } of await parkUndefined(
      db,
      definitions.keys,
      definitionGraceMs,
    ))
      log.error({ saga, sagaId, version, error }, "saga parked");
  }

  const begin = () => {
    round ??= watch()
      .catch((error: unknown) => log.debug({ error: describeError(error) }, "sagas not watched"))
      .finally(() => {
        round = undefined;
      });
  };
  return {
    start(): void {
      startedAt = performance.now();
      begin();
      timer = setInterval(begin, watchMs);
    },
    /** Resolves when the current round has ended. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await round;
    },
  };
}
