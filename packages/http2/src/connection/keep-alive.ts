/** The connection that is pinged. */
export interface Pinged {
  /** Whether bytes have arrived since this was last set to false. */
  heard: boolean;
  ping(responded: () => void): void;
  destroy(failure: Error): void;
}

/**
 * Pings a peer that sends nothing every `everyMs` while `isNeeded`, and ends the connection when it does not respond within `timeoutMs`.
 * Returns the function that stops it.
 */
export function keepAlive(peer: Pinged, isNeeded: () => boolean, everyMs: number, timeoutMs: number): () => void {
  let late: NodeJS.Timeout | undefined;
  const beat = setInterval(() => {
    const isSilent = isNeeded() && !peer.heard;
    peer.heard = false;
    if (!isSilent || late !== undefined) return;
    late = setTimeout(() => peer.destroy(new Error("The peer did not respond to a ping.")), timeoutMs).unref();
    peer.ping(() => {
      clearTimeout(late);
      late = undefined;
    });
  }, everyMs).unref();
  return () => {
    clearInterval(beat);
    clearTimeout(late);
  };
}
