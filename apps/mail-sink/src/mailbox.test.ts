import { describe, expect, it } from "vitest";
import type { Mail } from "./mail.ts";
import { openMailbox } from "./mailbox.ts";

const aMail = (overrides: Partial<Mail>): Mail => ({
  id: "1",
  receivedAt: "2026-01-01T00:00:00.000Z",
  from: "shop@kontor.test",
  to: ["ada@example.com"],
  subject: "Hello",
  size: 10,
  text: "",
  html: "",
  headers: {},
  attachments: [],
  ...overrides,
});
const everything = { to: "", subject: "" };

describe("a mailbox", () => {
  it("drops the oldest of more than 1000 mails", () => {
    const mailbox = openMailbox(undefined);
    for (let n = 0; n < 1_002; n += 1) mailbox.add(aMail({ id: String(n) }));
    expect(mailbox.list(everything)).toHaveLength(1_000);
    expect(mailbox.get("1")).toBeUndefined();
    expect(mailbox.get("2")).toBeDefined();
  });

  it("drops the oldest when all together are too large", () => {
    const mailbox = openMailbox(undefined);
    for (let n = 0; n < 20; n += 1) mailbox.add(aMail({ id: String(n), text: "x".repeat(1024 * 1024) }));
    expect(mailbox.list(everything).map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, n) => String(19 - n)));
  });
});
