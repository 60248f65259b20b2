import { randomInt } from "node:crypto";
import { invalid, violation } from "@kontor/errors";
import { type CallLimits, type Idempotency, requestHash } from "@kontor/idempotency";
import { type Coupon, foldCode, generateCode, SHORTEST_CODE } from "../domain/coupon.ts";
import { pricingErrors } from "../domain/errors.ts";
import type { CouponStore, RuleStore } from "../ports.ts";

/** Coupons that staff wants. */
export interface WantedCoupons extends Pick<Coupon, "promotionId" | "maxUses" | "maxUsesPerCustomer" | "validUntil"> {
  readonly reference: string;
  /** Empty: they are generated. */
  readonly codes: readonly string[];
  readonly generate?: { readonly count: number; readonly prefix: string; readonly length: number };
}

interface Deps {
  readonly idempotency: Idempotency;
  readonly coupons: Pick<CouponStore, "add" | "codesOf">;
  readonly rules: Pick<RuleStore, "refresh">;
  readonly newId: () => string;
}

/** Creates coupons, all or none, once per reference, and returns their codes. Throws RULE_NOT_FOUND or COUPON_EXISTS. */
export const createCoupons =
  ({ idempotency, coupons, rules, newId }: Deps) =>
  async (wanted: WantedCoupons, { call, validate }: { call: CallLimits; validate: () => void }) => {
    const { reference, ...request } = wanted;
    const { value } = await idempotency.once(
      {
        scope: "coupons",
        key: reference,
        hash: requestHash({ ...request, validUntil: request.validUntil?.toISOString() }),
      },
      {
        call,
        admit() {
          validate();
          requireCodes(wanted);
        },
        async perform(claim) {
          const { promotionId, maxUses, maxUsesPerCustomer, validUntil } = wanted;
          const book = await rules.refresh();
          if (!book.rules.promotion.has(promotionId))
            throw pricingErrors.RULE_NOT_FOUND({ kind: "promotion", id: promotionId });
          const codes = wanted.generate ? generated(wanted.generate) : wanted.codes;
          const limits = { maxUses, maxUsesPerCustomer, ...(validUntil && { validUntil }) };
          await coupons.add({ batch: newId(), promotionId, codes, ...limits }, claim);
          return codes;
        },
        replay: (batch) => coupons.codesOf(batch),
      },
    );
    return value;
  };

function generated({ count, prefix, length }: NonNullable<WantedCoupons["generate"]>): readonly string[] {
  const codes = new Set<string>();
  while (codes.size < count) codes.add(generateCode(prefix, length, (below) => randomInt(below)));
  return [...codes];
}

function requireCodes({ codes, generate }: WantedCoupons): void {
  const fields = ["codes", "generate"];
  if (codes.length > 0 === (generate !== undefined))
    throw invalid([violation("codes", "ONE_REQUIRED", { fields })], "pricing.shop");
  const folded = new Set<string>();
  const violations = codes.flatMap((code, index) => {
    const form = foldCode(code);
    const field = `codes[${index}]`;
    if (form.replace(/[^\p{L}\p{N}]/gu, "").length < SHORTEST_CODE)
      return [violation(field, "TOO_SHORT", { min: SHORTEST_CODE })];
    if (folded.has(form)) return [violation(field, "DUPLICATE")];
    folded.add(form);
    return [];
  });
  if (violations.length > 0) throw invalid(violations, "pricing.shop");
}
