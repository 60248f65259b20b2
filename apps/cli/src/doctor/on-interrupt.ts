const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const cleanUps: (() => unknown)[] = [];
let interrupted = false;

/**
 * Runs `cleanUp` when this process is interrupted, before it exits with 130: the latest one first, each awaited. Returns how to
 * withdraw it.
 */
export function onInterrupt(cleanUp: () => unknown): () => void {
  if (cleanUps.length === 0) for (const signal of signals) process.on(signal, interrupt);
  cleanUps.push(cleanUp);
  return () => {
    const index = cleanUps.indexOf(cleanUp);
    if (index >= 0) cleanUps.splice(index, 1);
    if (cleanUps.length === 0 && !interrupted) for (const signal of signals) process.off(signal, interrupt);
  };
}

/** Ctrl-C arrives from the terminal and from npm: only the first one counts. */
async function interrupt(): Promise<void> {
  if (interrupted) return;
  interrupted = true;
  for (const cleanUp of [...cleanUps].reverse()) await cleanUp();
  process.exit(130);
}
