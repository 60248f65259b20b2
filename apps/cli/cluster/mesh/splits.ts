import type { Outcome, World } from "../world.ts";
import { type Counted, countCalls } from "./counting.ts";

export type Split = {
  readonly app: string;
  readonly weight: number;
  readonly headers?: Readonly<Record<string, string>>;
};

const COUNT = 1_000;

/** Counts who answers while the canary has this share, and whether that is what was asked for. */
export async function countSplit(world: World, { app, weight, headers }: Split): Promise<Outcome> {
  await settled();
  const counted = await countCalls(world, { app, count: COUNT, ...(headers && { headers }) });
  const name = `${app} ${100 - weight}/${weight}${headers ? " with the header" : ""}`;
  const { stable = 0, canary = 0 } = counted.byTrack;
  const expected = headers ? 100 : weight;
  return {
    facts: { [name]: `stable ${stable}, canary ${canary} of ${counted.sent}, ${counted.failed} failed` },
    problems: problemsOf(name, counted, expected),
  };
}

/** Proxies hear of new routes within seconds. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 5_000));

/** Within four standard deviations of what the weight makes likely. */
function problemsOf(name: string, { sent, failed, failures, byTrack }: Counted, weight: number): string[] {
  const { stable = 0, canary = 0 } = byTrack;
  const share = weight / 100;
  const slack = 4 * Math.sqrt(sent * share * (1 - share));
  const problems = failed > 0 ? [`${name}: ${failed} of ${sent} calls failed: ${failures.join("; ")}`] : [];
  if (stable + canary !== sent) problems.push(`${name}: ${stable + canary} calls were answered, not ${sent}.`);
  if (Math.abs(canary - sent * share) > slack) problems.push(`${name}: the canary answered ${canary} of ${sent}.`);
  return problems;
}

export function together(outcomes: readonly Outcome[]): Outcome {
  return {
    facts: Object.assign({}, ...outcomes.map(({ facts }) => facts)),
    problems: outcomes.flatMap(({ problems = [] }) => problems),
  };
}
