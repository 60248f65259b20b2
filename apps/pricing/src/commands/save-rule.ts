import { pricingErrors } from "../domain/errors.ts";
import type { RuleKind, RuleOf } from "../domain/rule-book.ts";
import { validateRule } from "../domain/validate-rule.ts";
import type { RuleStore } from "../ports.ts";

type Deps = { readonly rules: Pick<RuleStore, "save">; readonly newId: () => string };

/** Creates a rule in its first version, with an id if it has none. Throws RULE_EXISTS, or what is wrong with it next to the others. */
export const createRule =
  ({ rules, newId }: Deps) =>
  <K extends RuleKind>(kind: K, fields: RuleOf[K]): Promise<RuleOf[K]> => {
    const rule = { ...fields, id: fields.id || newId(), version: 1 };
    return rules.save(kind, (book) => {
      if (book.rules[kind].has(rule.id)) throw pricingErrors.RULE_EXISTS({ kind, id: rule.id });
      validateRule(kind, rule, book);
      return rule;
    });
  };

/** What a client wants to change of a rule. */
export interface RuleChange<R> {
  readonly id: string;
  /** The version that it has read; 0: none. */
  readonly seenVersion: number;
  /** Returns the stored rule with the changes. */
  readonly edit: (stored: R) => R;
}

/** Changes a rule. Throws RULE_NOT_FOUND, RULE_CHANGED, or what is wrong with it next to the others. */
export const updateRule =
  ({ rules }: Pick<Deps, "rules">) =>
  <K extends RuleKind>(kind: K, { id, seenVersion, edit }: RuleChange<RuleOf[K]>): Promise<RuleOf[K]> =>
    rules.save(kind, (book) => {
      const stored = book.rules[kind].get(id);
      if (stored === undefined) throw pricingErrors.RULE_NOT_FOUND({ kind, id });
      const { version } = stored;
      if (seenVersion !== 0 && seenVersion !== version) throw pricingErrors.RULE_CHANGED({ kind, id, version });
      const rule = { ...edit(stored), version: version + 1 };
      validateRule(kind, rule, book);
      return rule;
    });
