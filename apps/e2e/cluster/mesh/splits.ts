import type { Outcome, World } from "../world.ts";
import { type Counted, countCalls } from "./counting.ts";

export type Split = {
  readonly apps: readonly string[];
  readonly weight: number;
  readonly headers?: Readonly<Record<string, string>>;
};

const COUNT = 1_000;

/** Counts the responding pods while canaries have this share, and compares it with the configured one. */
export async function countSplit(world: World, { apps, weight, headers }: Split): Promise<Outcome> {
  await settled();
  const counted = await countCalls(world, { apps, count: COUNT, ...(headers && { headers }) });
  const { sent, failed, failures } = counted;
  const name = `${100 - weight}/${weight}${headers ? " with the header" : ""}`;
  const lost = failed > 0 ? [`${name}: ${failed} of ${sent} calls failed: ${failures.join("; ")}`] : [];
  const each = apps.map((app) => splitOf(`${app} ${name}`, counted, app, headers ? 100 : weight));
  return together([{ facts: { [`failed at ${name}`]: `${failed} of ${sent}` }, problems: lost }, ...each]);
}

/** Proxies receive new routes within seconds. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 5_000));

/** Whether it is within four standard deviations of the weight's expectation. */
function splitOf(name: string, { sent, byApp }: Counted, app: string, weight: number): Outcome {
  const { stable = 0, canary = 0 } = byApp[app] ?? {};
  const share = weight / 100;
  const slack = 4 * Math.sqrt(sent * share * (1 - share));
  const problems: string[] = [];
  if (stable + canary !== sent) problems.push(`${name}: ${stable + canary} calls got responses, not ${sent}.`);
  if (Math.abs(canary - sent * share) > slack) problems.push(`${name}: the canary served ${canary} of ${sent}.`);
  return { facts: { [name]: `stable ${stable}, canary ${canary}` }, problems };
}

export function together(outcomes: readonly Outcome[]): Outcome {
  return {
    facts: Object.assign({}, ...outcomes.map(({ facts }) => facts)),
    problems: outcomes.flatMap(({ problems = [] }) => problems),
  };
}
