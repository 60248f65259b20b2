import type { Background } from "@kontor/service";
import type { Logger } from "@kontor/telemetry";

/** Does something every `ms` milliseconds, never twice at once. A failure is logged and the next time tried again. */
export function repeat(name: string, ms: number, work: () => Promise<void>, log: Logger): Background {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function turn() {
    try {
      await work();
    } catch (err) {
      log.warn({ err, work: name }, "background work failed; retrying");
    } finally {
      running = undefined;
    }
  }
  return {
    start() {
      timer = setInterval(() => {
        running ??= turn();
      }, ms);
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
