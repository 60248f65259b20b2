import { quoteTax } from "../domain/tax-quote.ts";
import { foldVatId } from "../domain/vat-id.ts";
import type { RuleStore, TaxProvider, VatChecks } from "../ports.ts";

interface Deps {
  readonly rules: Pick<RuleStore, "known">;
  readonly vatChecks: Pick<VatChecks, "find">;
  /** How long a check of a VAT id counts. */
  readonly vatCheckMaxAgeMs: number;
}

/** Creates the provider of taxes that uses the zones and rates of staff. A VAT id counts only while its last check is recent and found it valid. */
export function createOwnTaxes({ rules, vatChecks, vatCheckMaxAgeMs }: Deps): TaxProvider {
  async function isVerified(vatId: string, at: Date): Promise<boolean> {
    const check = await vatChecks.find(vatId);
    return check?.valid === true && at.getTime() - check.checkedAt.getTime() < vatCheckMaxAgeMs;
  }

  return {
    async quote({ destination, customer }, at) {
      const { taxes } = rules.known();
      const vatId = foldVatId(customer.vatId ?? "");
      const isUsed = vatId !== "" && taxes.zones.size > 0 && (await isVerified(vatId, at));
      return quoteTax(taxes, { ...(destination && { destination }), ...(isUsed && { verifiedVatId: vatId }) }, at);
    },
  };
}
