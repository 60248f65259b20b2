import type { Reply } from "@kontor/transcoder";

/** Whether an answer took the place of an upstream's. Such an answer is for now alone: nobody keeps it. */
export function isFallback({ headers }: Reply): boolean {
  return "Kontor-Fallback" in headers;
}
