import { expect, it } from "vitest";
import { createLog } from "./log.ts";

it("a simulator logs one JSON object a line, in the form of the shop's logs", () => {
  const lines: string[] = [];
  const log = createLog("mail-sink", (line) => lines.push(line));
  log.info({ id: "m-1", subject: "a\nb" }, "mail received");
  log.warn({ err: new Error("Too large.") }, "mail refused");
  const [received, refused] = lines.map((line) => JSON.parse(line));
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(received).toEqual({
    level: "info",
    time,
    service: "mail-sink",
    id: "m-1",
    subject: "a\nb",
    msg: "mail received",
  });
  expect(refused).toMatchObject({ level: "warn", err: expect.stringContaining("Too large."), msg: "mail refused" });
  expect(lines.join("")).not.toContain("\n");
});
