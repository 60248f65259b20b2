import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { candidatesFor } from "../src/domain/candidates.ts";
import { priceOrder, unitPricesOf } from "../src/domain/price-lines.ts";
import type { Promotion } from "../src/domain/promotion.ts";
import { noRules, ruleBook } from "../src/domain/rule-book.ts";
import { quoteTax } from "../src/domain/tax-quote.ts";
import { NO_USES } from "../src/domain/uses.ts";
import { aLine, aPromotion, aRate, aRequest, aZone, NOW } from "../test/fixtures.ts";

const help = `Measures the CPU that pricing a cart takes, by its lines and by active promotions.

  npm run bench:pricing -- [--rounds 200]

Each figure is the mean of the rounds after as many to warm up. It has the domain alone: no gRPC, no database.`;

const flags = { rounds: { type: "string", default: "200" } } as const;

/** Returns active promotions: half of them select goods by category, half require a total that no cart has, and ten apply. */
function promotionsOf(count: number): readonly Promotion[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `p-${index}`;
    const action = { type: "percent", ppm: 10_000, target: "order" } as const;
    if (index < 10) return aPromotion({ id, action });
    if (index % 2 === 0) return aPromotion({ id, action, minimumTotals: new Map([["EUR", 1_000_000_000n]]) });
    const selection = { productIds: [], categoryIds: [`c-${index % 20}`], skus: [] };
    return aPromotion({ id, action, selection, minQuantity: 10_000 });
  });
}

/** Returns milliseconds of CPU. */
function costOf(lineCount: number, promotionCount: number, rounds: number): number {
  const rules = noRules();
  for (const promotion of promotionsOf(promotionCount)) rules.promotion.set(promotion.id, promotion);
  rules["tax-zone"].set("de", aZone({ id: "de", home: true }));
  rules["tax-rate"].set("standard", aRate("de", 19));
  const book = ruleBook(rules, new Map());
  const lines = Array.from({ length: lineCount }, (_, index) =>
    aLine({ id: `l-${index}`, quantity: 2, categoryIds: [`c-${index % 20}`, "all"], unitPrice: BigInt(500 + index) }),
  );
  const request = aRequest({ lines, shipping: 490n, destination: { country: "DE", region: "", postcode: "10115" } });

  function price(): void {
    const quote = quoteTax(book.taxes, request, NOW);
    const undiscounted = unitPricesOf(book.prices, quote, request, NOW);
    const { candidates } = candidatesFor(book.promotions, new Map(), undiscounted.goods, request, NOW);
    priceOrder(request, undiscounted, candidates, quote, { counts: NO_USES, customers: [] });
  }

  for (let round = 0; round < rounds; round++) price();
  const { user, system } = process.cpuUsage();
  for (let round = 0; round < rounds; round++) price();
  const used = process.cpuUsage();
  return (used.user - user + used.system - system) / 1_000 / rounds;
}

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const rounds = wholeNumber("--rounds", values.rounds, 1, 100_000);
  for (const [lines, promotions] of [
    [3, 0],
    [3, 1_000],
    [20, 1_000],
    [200, 0],
    [200, 1_000],
  ] as const)
    console.log(
      `${lines} lines, ${promotions} active promotions: ${costOf(lines, promotions, rounds).toFixed(2)} ms of CPU`,
    );
  return 0;
});
