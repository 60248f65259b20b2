import type { Logger } from "@kontor/telemetry";

/** The started parts, which must be stopped, the last one first. */
export interface Closers {
  add(name: string, close: () => unknown): void;
  /** Stops everything in reverse, even if some of it fails. */
  closeAll(): Promise<void>;
}

/** Creates an empty list. */
export function createClosers(log: Logger): Closers {
  const open: { readonly name: string; readonly close: () => unknown }[] = [];
  return {
    add(name, close) {
      open.push({ name, close });
    },
    async closeAll() {
      for (let next = open.pop(); next; next = open.pop()) {
        try {
          await next.close();
        } catch (err) {
          log.error({ err, part: next.name }, "component stop failed");
        }
      }
    },
  };
}
