/** A clock that moves only when a test moves it. */
export interface TestClock {
  readonly now: () => Date;
  /** Moves it ahead. */
  readonly advance: (ms: number) => void;
}

/** Creates a clock that shows `at` until it is moved. */
export function createTestClock(at = new Date("2026-11-21T10:00:00.000Z")): TestClock {
  let time = at.getTime();
  return {
    now: () => new Date(time),
    advance: (ms) => {
      time += ms;
    },
  };
}
