import type { Kubectl } from "../src/doctor/kubectl.ts";

/** From now on whoever interrupts this run is told what it leaves, and how to remove that. */
export function tellWhatIsLeft({ namespace, typed }: Kubectl): void {
  const remove = typed(`delete namespace ${namespace}`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      console.error(`\nInterrupted. The namespace ${namespace} is left with all that is in it; it goes by: ${remove}`);
      process.exit(1);
    });
}
