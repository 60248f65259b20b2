import type { FastifyRequest } from "fastify";

/**
 * The decisions of policy on a request, by name: `auth` (public, allowed, or why not), `limited`, `cached`, `modified`,
 * `idempotency`, `endpoint`, `attempts` beyond the first, `retry` when the budget forbade one, `circuit` when it was open
 * everywhere, or there is no endpoint, `shed` when a stored refusal of an overloaded upstream was sent, `valid` when rules
 * of the contract refused it, `fallback`.
 */
export type Decisions = Readonly<Record<string, string | number | boolean>>;

/** The property of a request that contains them. */
const made = Symbol("decisions");
type Decided = FastifyRequest & { [made]?: Record<string, string | number | boolean> };

/** Notes a decision. It becomes the attribute `kontor.<name>` of the request's span and a field of its line in the access log. */
export function decide(request: FastifyRequest, name: string, value: string | number | boolean): void {
  const decided: Decided = request;
  const decisions = decided[made];
  if (decisions === undefined) decided[made] = { [name]: value };
  else decisions[name] = value;
}

/** Everything that was decided on a request; undefined when nothing was. */
export function decisionsOn(request: FastifyRequest): Decisions | undefined {
  return (request as Decided)[made];
}
