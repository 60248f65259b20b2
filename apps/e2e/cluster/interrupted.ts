import type { Kubectl } from "@kontor/cli";

/** From now on, an interrupted run prints what it leaves and how to remove that. */
export function tellWhatIsLeft({ namespace, typed }: Kubectl, namespaces: readonly string[] = [namespace]): void {
  const remove = typed(`delete namespace ${namespaces.join(" ")} --ignore-not-found`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      console.error(`\nInterrupted. What is left in the cluster goes by: ${remove}`);
      process.exit(1);
    });
}
