import type { DescMethod, DescService, Message, Registry } from "@bufbuild/protobuf";
import { invalid } from "@kontor/errors";
import { domainOf } from "./domain.ts";
import { type Gates, gatesOf } from "./gates.ts";
import { createMessageRules, registryOf } from "./message-rules.ts";

/** Validates a request. @throws KontorError INVALID_REQUEST with all violations */
export type RequestCheck = (request: Message) => void;

/** The rules of contracts. */
export interface RequestRules {
  /**
   * Returns the compiled validation of an RPC's requests; undefined if its contract has no rules for them.
   *
   * @throws RuleError that names the message, for a rule that is wrong or not known
   */
  of(method: DescMethod): RequestCheck | undefined;
  /**
   * Returns checks of a request's fields that are sufficient for all rules, for readers that decide before there is a message. Returns
   * undefined where gates cannot express the rules of an RPC.
   */
  gates(method: DescMethod): Gates | undefined;
}

/** The dependencies of rules. */
export interface RequestRulesOptions {
  /** The contracts with all that they import, or their services. */
  readonly contracts: Registry | readonly DescService[];
  /** Receives the first failure of a rule on the requests of a type. The request is refused. */
  readonly onDefect: (error: Error, type: string) => void;
}

/**
 * Creates the rules that contracts declare by `buf.validate` and `kontor.rules`. A request is refused with all that is wrong with it.
 * The domain is that of its service, and the codes are those of the catalogue of violations.
 *
 * ```ts
 * import { create } from "@bufbuild/protobuf";
 * import { OrdersService } from "@kontor/sample";
 * const { placeOrder } = OrdersService.method;
 * const rules = createRequestRules({ contracts: [OrdersService], onDefect: (error) => console.error(error) });
 * rules.of(placeOrder)?.(create(placeOrder.input)); // Throws INVALID_REQUEST.
 * ```
 */
export function createRequestRules({ contracts, onDefect }: RequestRulesOptions): RequestRules {
  const reported = new Set<string>();
  const onFirst = (error: Error, type: string) => {
    if (reported.has(type)) return;
    reported.add(type);
    onDefect(error, type);
  };
  const isRegistry = (value: RequestRulesOptions["contracts"]): value is Registry => "getMessage" in value;
  const messageRules = createMessageRules(isRegistry(contracts) ? contracts : registryOf(contracts), onFirst);
  return {
    of({ input, parent }) {
      const check = messageRules(input);
      if (check === undefined) return undefined;
      const domain = domainOf(parent);
      return (request) => {
        const violations = check(request);
        if (violations.length > 0) throw invalid(violations, domain);
      };
    },
    gates: ({ input }) => gatesOf(input),
  };
}
