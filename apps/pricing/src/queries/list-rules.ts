import { definePages, type PageRequest } from "@kontor/paging";
import { pricingErrors } from "../domain/errors.ts";
import type { RuleKind, RuleOf } from "../domain/rule-book.ts";
import type { RuleStore } from "../ports.ts";

type Deps = { readonly rules: Pick<RuleStore, "refresh"> };

const pages = definePages({ list: "pricing.rules", domain: "pricing.shop", cursor: { id: /[a-z0-9-]{1,64}/ } });

/** Returns a rule as it is now. Throws RULE_NOT_FOUND. */
export const findRule =
  ({ rules }: Deps) =>
  async <K extends RuleKind>(kind: K, id: string): Promise<RuleOf[K]> => {
    const rule = (await rules.refresh()).rules[kind].get(id);
    if (rule === undefined) throw pricingErrors.RULE_NOT_FOUND({ kind, id });
    return rule;
  };

/** Returns a page of the rules of a kind by id. */
export const listRules =
  ({ rules }: Deps) =>
  async <K extends RuleKind>(kind: K, request: PageRequest) => {
    const page = pages.read(request, { kind });
    const book = await rules.refresh();
    const all: readonly RuleOf[K][] = [...book.rules[kind].values()];
    const sorted = all.filter(({ id }) => id > (page.after?.id ?? "")).sort((a, b) => (a.id < b.id ? -1 : 1));
    return page.of(sorted.slice(0, page.limit), ({ id }) => ({ id }));
  };
