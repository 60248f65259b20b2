const IMPATIENT_AFTER_MS = 1_000;

/**
 * Calls `stop` once: on Ctrl-C, on SIGTERM, or when the parent process has ended. One Ctrl-C may arrive more than once,
 * from the terminal and from npm; another one a second later stops at once.
 */
export function whenAskedToStop(stop: () => Promise<void>): { readonly requested: boolean } {
  let since: number | undefined;
  const request = () => {
    if (since === undefined) {
      since = performance.now();
      void stop();
    } else if (performance.now() - since > IMPATIENT_AFTER_MS) {
      process.exit(130); // The watchdog ends the remaining processes.
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, request);
  process.on("disconnect", request);
  return {
    get requested() {
      return since !== undefined;
    },
  };
}
