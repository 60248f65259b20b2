import { repeat } from "@kontor/service";
import { type ListEndedSessionsResponse, UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import type { Logger } from "@kontor/telemetry";
import { RpcError, Status } from "@kontor/transcoder";
import type { Upstreams } from "../ports.ts";
import type { Sessions } from "./sessions.ts";

/** Reads which sessions have ended. */
export interface EndedSessions {
  /** Reads the list once. @throws RpcError */
  load(): Promise<void>;
  /** Reads it again and again: events that were missed show within half a minute, and a failure is repeated after a second. */
  start(): void;
  stop(): Promise<void>;
}

interface Deps {
  readonly upstreams: Pick<Upstreams, "ask">;
  readonly sessions: Pick<Sessions, "end" | "known">;
  readonly log: Logger;
  /** Default: 30 s. */
  readonly everyMs?: number;
}

const TIMEOUT_MS = 2_000;
const RETRY_MS = 1_000;
const PAGE_SIZE = 5_000;

/** Creates the reader of the list that the users service stores. */
export function createEndedSessions({ upstreams, sessions, log, everyMs = 30_000 }: Deps): EndedSessions {
  let loadedAt: number | undefined;

  async function load(): Promise<void> {
    let pageToken: string | undefined = "";
    while (pageToken !== undefined) {
      const request = { pageSize: PAGE_SIZE, pageToken };
      const method = UsersService.method.listEndedSessions;
      const page = (await upstreams.ask(method, TIMEOUT_MS, request).catch(unlessOlder)) as ListEndedSessionsResponse;
      for (const sessionId of page.sessionIds) sessions.end(sessionId);
      pageToken = page.nextPageToken;
    }
    loadedAt = performance.now();
    sessions.known();
  }
  const reading = repeat(
    RETRY_MS,
    async () => {
      if (loadedAt === undefined || performance.now() - loadedAt >= everyMs) await load();
    },
    (err) => log.warn({ err }, "ended sessions not read"),
  );
  return { load, start: () => void reading.start(), stop: async () => void (await reading.stop()) };
}

/** The users service of the previous version has no list: then only events report ended sessions. */
function unlessOlder(error: unknown): Pick<ListEndedSessionsResponse, "sessionIds" | "nextPageToken"> {
  if (error instanceof RpcError && error.code === Status.UNIMPLEMENTED) return { sessionIds: [] };
  throw error;
}
