import { definePages, type PageRequest } from "@kontor/paging";
import type { Sessions } from "../ports.ts";

interface Deps {
  readonly sessions: Pick<Sessions, "endedSince">;
  /** How long an access token is good. */
  readonly ttlMs: number;
  readonly now: () => Date;
}

/** The tolerated difference of verifiers' clocks. */
const LEEWAY_MS = 60_000;

const pages = definePages({
  list: "users.ended-sessions",
  domain: "users.shop",
  cursor: { id: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/ },
  defaultSize: 1_000,
  maxSize: 5_000,
});

/** Returns a page of the sessions that ended so lately that tokens of them may not have expired. */
export function listEndedSessions({ sessions, ttlMs, now }: Deps) {
  return async (request: PageRequest) => {
    const page = pages.read(request);
    const since = new Date(now().getTime() - ttlMs - LEEWAY_MS);
    const found = await sessions.endedSince(since, { after: page.after?.id, limit: page.limit });
    return page.of(found, (id) => ({ id }));
  };
}
