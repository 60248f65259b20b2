/** A started server: the facts to print when it is ready, and the function that stops it. */
export interface Running {
  /** The facts in the first line on stdout, such as the port. */
  readonly ready: Readonly<Record<string, string | number>>;
  /** Stops the server. */
  close(): Promise<void>;
}

/**
 * Runs a server as a process: prints one JSON line when it is ready, stops on SIGTERM and SIGINT with exit code 0, and,
 * if `KONTOR_EXIT_WITH_PARENT` is 1, when stdin closes.
 */
export async function runProcess(name: string, start: () => Promise<Running>): Promise<void> {
  const running = await start().catch((error: unknown) => {
    console.error(`${name} cannot start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
  let stopping = false;

  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    await running.close();
    process.exit(0);
  }

  process.on("SIGTERM", stop).on("SIGINT", stop);
  if (process.env.KONTOR_EXIT_WITH_PARENT === "1") process.stdin.resume().on("close", stop).on("error", stop);
  console.log(JSON.stringify({ service: name, event: "ready", pid: process.pid, ...running.ready }));
  // Releases the garbage of the start while the server waits. Without --expose-gc it does nothing.
  await globalThis.gc?.({ type: "major", execution: "async", flavor: "last-resort" });
}
