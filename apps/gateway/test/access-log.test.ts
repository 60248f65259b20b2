import { describe, expect, it } from "vitest";
import { type Notes, startNotes } from "./notes.ts";

/** Returns the statuses in the access log after these requests; the last of them is refused, and has a line in any case. */
async function logged(notes: Notes, reads: number): Promise<unknown[]> {
  notes.script = async () => ({ id: "n" });
  for (let i = 0; i < reads; i++) await (await notes.ask("GET", `/notes/${i}`)).text();
  await (await notes.fetch("/nowhere")).text();
  const lines = () => notes.logged.filter(({ route }) => route !== undefined).map(({ status }) => status);
  await expect.poll(lines, { timeout: 10_000 }).toContain(404);
  return lines();
}

describe("the access log", () => {
  it.each([
    [0, 0, 0],
    [50, 10, 90],
    [100, 100, 100],
  ])(
    "with %i per cent has that share of the requests that succeed, and all that are refused",
    async (percent, least, most) => {
      const notes = await startNotes({ accessLogPercent: percent });
      const statuses = await logged(notes, 100);
      await notes.stop();
      expect(statuses.filter((status) => status === 404)).toHaveLength(1);
      const { length } = statuses.filter((status) => status === 200);
      expect(length).toBeGreaterThanOrEqual(least);
      expect(length).toBeLessThanOrEqual(most);
    },
  );
});
