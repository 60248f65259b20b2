/** Kills the process: with `KONTOR_FAILPOINT=name` at the first pass, with `name:3` at the third. */
const [armed, pass = "1"] = (process.env.KONTOR_FAILPOINT ?? "").split(":");

/**
 * Kills this process with SIGKILL if the environment names this point, as a power cut would: nothing is flushed, no
 * handler runs. Costs nothing otherwise.
 */
export const failpoint: (name: string) => void = armed ? countdown(armed, Number(pass)) : () => {};

function countdown(armedName: string, passes: number): (name: string) => void {
  let left = passes;
  return (name) => {
    if (name !== armedName || --left > 0) return;
    process.kill(process.pid, "SIGKILL");
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000); // The signal arrives before another statement runs.
  };
}
