import { describe, expect, it } from "vitest";
import { createSessions } from "./sessions.ts";

const revoked = (sessions: ReturnType<typeof createSessions>, id: string) => {
  try {
    sessions.requireOpen(id);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ reason: "TOKEN_REVOKED" });
    return true;
  }
};

describe("sessions that ended", () => {
  it("are stored for the longest validity of a token, counted from their last end", () => {
    let now = 0;
    const sessions = createSessions({ keptMs: 100, now: () => now });
    sessions.end("a");
    now = 60;
    sessions.end("b");
    sessions.end("a");
    now = 159;
    sessions.end("c");
    expect(["a", "b", "c", "d"].map((id) => revoked(sessions, id))).toEqual([true, true, true, false]);
    now = 160;
    sessions.end("d");
    expect(["a", "b", "c", "d"].map((id) => revoked(sessions, id))).toEqual([false, false, true, true]);
  });

  it("are dropped beyond a limit, the oldest first", () => {
    const sessions = createSessions({ most: 2 });
    for (const id of ["a", "b", "c"]) sessions.end(id);
    expect(["a", "b", "c"].map((id) => revoked(sessions, id))).toEqual([false, true, true]);
  });
});
