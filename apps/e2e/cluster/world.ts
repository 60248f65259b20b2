import type { Kubectl } from "@kontor/cli";
import { serviceNames } from "@kontor/shop";
import type { Helm } from "./helm.ts";
import type { Options } from "./options.ts";

/** The environment of every act. */
export type World = {
  readonly options: Options;
  readonly kube: Kubectl;
  readonly helm: Helm;
  readonly namespace: string;
  /** The address for customers. Default: the gateway's Service. */
  readonly entrance?: string;
  /** Prints the progress. */
  readonly say: (text: string) => void;
};

/** The release, as in the guide. */
export const RELEASE = "kontor";

/** N−1 and N: the second brings migrations more, see versions.ts. */
export const TAGS = { first: "e2e-1", second: "e2e-2" };

/** The apps whose pods may be killed and rolled: no simulators, and no bundled servers, which have one pod each. */
export const OURS = ["gateway", ...serviceNames];

/** The report of a load: see load.mjs. */
export type LoadReport = {
  readonly seconds: number;
  readonly sent: number;
  readonly failed: number;
  readonly byKind: Record<string, { readonly sent: number; readonly failed: number }>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly orders: number;
  readonly confirmed: number;
  readonly failures: readonly string[];
  /** The states of orders that were accepted and not confirmed. */
  readonly unconfirmed: readonly string[];
};

/** The result of an act. Problems make the run fail. */
export type Outcome = {
  /** Whether nothing can be played after this. */
  readonly ends?: boolean;
  /** Why nothing was tried. */
  readonly skipped?: string;
  readonly facts: Record<string, string | number>;
  readonly load?: LoadReport;
  readonly problems?: readonly string[];
};

export type Act = {
  readonly name: string;
  readonly about: string;
  /** Whether nothing can be played after it when it does not get through. */
  readonly essential?: boolean;
  /** Whether the act itself installs the shop. */
  readonly alone?: boolean;
  readonly run: (world: World) => Promise<Outcome>;
};

export const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;

/** Polls until the result is neither undefined nor false. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined | false>,
  everyMs = 500,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
