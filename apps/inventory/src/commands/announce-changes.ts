import type { Publications } from "../ports.ts";

const BATCH = 100;
const LOCKED_BATCH = 10;

/** Publishes all changes of stock whose rows are not locked. */
export const announceChanges =
  ({ publications }: { publications: Publications }) =>
  async (): Promise<void> => {
    while (await publications.announce(BATCH));
  };

/** Publishes some of the changes that remain, which wait for their locks: those of SKUs in demand, whose rows are locked often. */
export const announceSkus =
  ({ publications }: { publications: Publications }) =>
  async (): Promise<void> => {
    for (const sku of await publications.unannounced(LOCKED_BATCH)) await publications.announceSku(sku);
  };
