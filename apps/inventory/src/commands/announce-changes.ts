import type { AnnouncedPage, Publications } from "../ports.ts";

const PAGE = 100;
const LOCKED_AT_ONCE = 10;
/** SKUs in demand are locked most of the time. They are published this many times less often than others. */
const LOCKED_ROUNDS = 5;

/**
 * Publishes all changes of stock whose rows are not locked, and now and then some of the others, which wait for their locks. Resolves to
 * whether there was anything to publish.
 */
export function announceChanges({ publications }: { publications: Publications }): () => Promise<boolean> {
  let rounds = 0;
  return async () => {
    const left: string[] = [];
    let page: AnnouncedPage | undefined;
    let found = 0;
    do {
      page = await publications.announce(PAGE, page);
      found += page.found;
      left.push(...page.left);
    } while (page.found >= PAGE);
    rounds = left.length > 0 ? rounds + 1 : 0;
    if (rounds < LOCKED_ROUNDS) return found > 0;
    rounds = 0;
    const first = Math.floor(Math.random() * left.length); // So that each has its turn.
    for (const sku of [...left.slice(first), ...left.slice(0, first)].slice(0, LOCKED_AT_ONCE))
      await publications.announceSku(sku);
    return true;
  };
}
