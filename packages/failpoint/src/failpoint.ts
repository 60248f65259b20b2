/** Kills the process: with `KONTOR_FAILPOINT=name` at the first visit, with `name:3` at the third, with `orders:name:3` at the third of the service orders. */
const armed = read(process.env.KONTOR_FAILPOINT ?? "");

/**
 * Kills this process with SIGKILL if the environment names this point, as a power cut would: nothing is flushed, no
 * handler runs. `service` is the service that visits the point: a process may run several. Costs nothing otherwise.
 */
export const failpoint: (name: string, service: string) => void = armed ? countdown(armed) : () => {};

interface Armed {
  readonly name: string;
  /** Only visits of this service count. Undefined: those of all. */
  readonly service: string | undefined;
  readonly visits: number;
}

function read(text: string): Armed | undefined {
  const match = /^(?:(?<service>[^:]+):)?(?<name>[^:]*[^:\d][^:]*)(?::(?<visits>\d+))?$/.exec(text);
  const { service, name, visits = "1" } = match?.groups ?? {};
  return name === undefined ? undefined : { name, service, visits: Number(visits) };
}

function countdown({ name, service, visits }: Armed): typeof failpoint {
  let left = visits;
  return (visited, visitor) => {
    if (visited !== name || (service !== undefined && visitor !== service) || --left > 0) return;
    process.kill(process.pid, "SIGKILL");
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000); // The signal arrives before another statement runs.
  };
}
