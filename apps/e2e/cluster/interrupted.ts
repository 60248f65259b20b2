import type { Kubectl } from "@kontor/cli";

/** From now on, an interrupted run prints the remaining objects and how to remove them. */
export function tellWhatIsLeft({ namespace, typed }: Kubectl, namespaces: readonly string[] = [namespace]): void {
  const remove = typed(`delete namespace ${namespaces.join(" ")} --ignore-not-found`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      console.error(`\nInterrupted. Remove the rest from the cluster by: ${remove}`);
      process.exit(1);
    });
}
