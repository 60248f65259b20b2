import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lastEvents } from "./last-events.ts";

const frames = Array.from({ length: 40 }, (_, line) => `    at step (file:///app/step.ts:${line}:1)`).join("\n");

function eventsOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "kontor-log-")), "a.log");
  writeFileSync(path, text);
  return lastEvents(path);
}

describe("the last events of a log", () => {
  it("show the first line of an error that was printed with a long stack", () => {
    const shown = eventsOf(
      `/app/main.ts:3\n  throw new Error("no disk");\n\nError: no disk\n${frames}\n\nNode.js v26\n`,
    );
    expect(shown).toContain("Error: no disk");
    expect(shown).not.toContain("at step");
  });

  it("show a logged error by its message and its causes", () => {
    const cause = { type: "Error", message: "connect ECONNREFUSED", stack: frames };
    const err = { type: "DatabaseError", message: "no session\nwith a second line", stack: frames, cause };
    const time = "2026-11-30T10:00:00.000Z";
    expect(eventsOf(`${JSON.stringify({ level: "fatal", time, err, msg: "Could not start." })}\n`)).toBe(
      `  ${time} fatal Could not start.: DatabaseError: no session: connect ECONNREFUSED`,
    );
  });

  it("report that there are none", () => {
    expect(eventsOf("")).toBe("  (nothing)");
  });
});
