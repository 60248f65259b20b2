import { createRollingRate } from "../../breaker/rolling-rate.ts";

/** Leaves an endpoint out for a time because it fails where its peers do not. */
export interface Ejection {
  readonly ejected: boolean;
  /** Of the calls of the last ten seconds. */
  readonly failureRate: number;
  /** Counts a call; `unreachable` when it got no response. */
  note(failed: boolean, unreachable: boolean): void;
  /** Whether it fails often enough to be ejected, while its peers fail at this rate. */
  isOutlier(peerRate: number): boolean;
  /** Ejects it, each time for longer. */
  eject(): void;
}

const CONSECUTIVE = 5;
const LEAST_CALLS = 10;
const FIRST_MS = 5_000;
const LONGEST_MS = 60_000;

/** Creates the ejection of an endpoint without calls. */
export function createEjection(now = () => performance.now()): Ejection {
  const rate = createRollingRate(now);
  let consecutive = 0;
  let times = 0;
  let until = 0;
  const failureRate = () => {
    const { calls, failures } = rate.read();
    return calls < LEAST_CALLS ? 0 : failures / calls;
  };
  return {
    get ejected() {
      return until > 0 && now() < until;
    },
    get failureRate() {
      return failureRate();
    },
    note(failed, unreachable) {
      rate.add(failed);
      consecutive = unreachable ? consecutive + 1 : 0;
      if (!failed && times > 0 && now() > until + LONGEST_MS) times = 0;
    },
    isOutlier(peerRate) {
      if (consecutive >= CONSECUTIVE) return true;
      const own = failureRate();
      return own >= 0.5 && own >= 2 * peerRate;
    },
    eject() {
      times++;
      consecutive = 0;
      rate.clear();
      until = now() + Math.min(LONGEST_MS, FIRST_MS * times);
    },
  };
}
