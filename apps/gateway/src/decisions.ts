import type { FastifyRequest } from "fastify";

/** What policy decided on a request, by name: `auth`, `limited`, `cached`, `attempts`, `endpoint`, `fallback`. */
export type Decisions = Readonly<Record<string, string | number | boolean>>;

const made = new WeakMap<FastifyRequest, Record<string, string | number | boolean>>();

/** Notes a decision. It becomes the attribute `kontor.<name>` of the request's span and a field of its line in the access log. */
export function decide(request: FastifyRequest, name: string, value: string | number | boolean): void {
  const decisions = made.get(request);
  if (decisions === undefined) made.set(request, { [name]: value });
  else decisions[name] = value;
}

/** Everything that was decided on a request; undefined when nothing was. */
export function decisionsOn(request: FastifyRequest): Decisions | undefined {
  return made.get(request);
}
