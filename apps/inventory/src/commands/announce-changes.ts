import type { Publications } from "../ports.ts";

const BATCH = 100;

/** Publishes all that has changed and nobody was told. */
export const announceChanges =
  ({ publications }: { publications: Publications }) =>
  async (): Promise<void> => {
    while (await publications.announce(BATCH));
  };
