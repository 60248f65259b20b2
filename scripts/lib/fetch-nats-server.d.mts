import type { Bring } from "./nats-server-sources.mjs";

export declare function fetchNatsServer(
  rejected: readonly string[],
  options?: {
    readonly env?: NodeJS.ProcessEnv;
    readonly sources?: readonly { readonly title: string; readonly bring: Bring }[];
  },
): Promise<string>;
