import type { Ended } from "@kontor/servers";

/** Returns how a process ended, as the end of a sentence. SIGKILL of the system usually means that memory ran out. */
export function ending({ code, signal }: Ended): string {
  if (signal === "SIGKILL") return "by SIGKILL: killed from outside, or by the system for want of memory";
  return signal ? `by the signal ${signal}` : `by itself with exit code ${code}`;
}
