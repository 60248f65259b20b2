import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type MailSink, startMailSink } from "./app.ts";

let dataDir: string;
let sink: MailSink;

const start = async () => {
  sink = await startMailSink({ host: "127.0.0.1", smtpPort: 0, httpPort: 0, dataDir });
};

beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  dataDir = mkdtempSync(join(tmpdir(), "mail-sink-"));
  await start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await sink.close();
  rmSync(dataDir, { recursive: true });
});

/** Sends SMTP commands and returns the code of the last reply. */
async function deliver(to: string, message: string): Promise<number> {
  const socket = connect(sink.smtpPort, "127.0.0.1");
  const lines = ["EHLO test", "MAIL FROM:<shop@kontor.test>", `RCPT TO:<${to}>`, "DATA", `${message}\r\n.`];
  let code = 0;
  for await (const chunk of socket.setEncoding("utf8")) {
    const reply = /^(\d{3}) .*\r\n$/m.exec(chunk);
    if (!reply) continue;
    code = Number(reply[1]);
    const line = code < 400 ? lines.shift() : undefined;
    if (line === undefined) break;
    socket.write(`${line}\r\n`);
  }
  socket.destroy();
  return code;
}

async function get(path: string) {
  const response = await fetch(`http://127.0.0.1:${sink.httpPort}${path}`);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const mail = (subject: string, html = "<b>Hi</b>") =>
  [
    `Subject: ${subject}`,
    "MIME-Version: 1.0",
    'Content-Type: multipart/alternative; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "Hello",
    "--b",
    "Content-Type: text/html; charset=utf-8",
    "",
    html,
    "--b--",
  ].join("\r\n");

describe("a mail", () => {
  it("is kept with its texts, found by recipient and subject, and survives a restart", async () => {
    expect(await deliver("ada@example.com", mail("=?utf-8?Q?Best=C3=A4tigt?="))).toBe(250);
    expect(await deliver("bob@example.com", mail("Shipped"))).toBe(250);
    await sink.close();
    await start();
    const subjects = (json: { mails: { subject: string }[] }) => json.mails.map(({ subject }) => subject);
    expect(subjects((await get("/api/mails")).json())).toEqual(["Shipped", "Bestätigt"]);
    expect(subjects((await get("/api/mails?to=ADA&subject=best")).json())).toEqual(["Bestätigt"]);
    const { id } = (await get("/api/mails?to=ada")).json().mails[0];
    const { from, to, text, html } = (await get(`/api/mails/${id}`)).json();
    expect({ from, to }).toEqual({ from: "shop@kontor.test", to: ["ada@example.com"] });
    expect([text.trim(), html.trim()]).toEqual(["Hello", "<b>Hi</b>"]);
  });

  it("cannot do anything to the page", async () => {
    await deliver("ada@example.com", mail("<script>alert(1)</script>", `"><script>alert(2)</script>`));
    const list = await get("/");
    expect(list.text).not.toContain("<script");
    expect(list.headers.get("content-security-policy")).toContain("default-src 'none'");
    const { id } = (await get("/api/mails")).json().mails[0];
    const page = await get(`/mails/${id}`);
    expect(page.text).not.toContain("<script");
    expect(page.text).toContain("<iframe sandbox ");
  });

  it("is refused temporarily as often as configured", async () => {
    const body = JSON.stringify({ failNext: 1 });
    await fetch(`http://127.0.0.1:${sink.httpPort}/api/control`, { method: "POST", body });
    expect(await deliver("ada@example.com", mail("One"))).toBe(451);
    expect(await deliver("ada@example.com", mail("Two"))).toBe(250);
  });

  it("is refused when it is too large", async () => {
    const line = `${"x".repeat(998)}\r\n`;
    expect(await deliver("ada@example.com", `Subject: Large\r\n\r\n${line.repeat(2_200)}`)).toBe(552);
    expect((await get("/api/mails")).json().mails).toEqual([]);
  });

  it("is removed after all are deleted", async () => {
    await deliver("ada@example.com", mail("One"));
    await fetch(`http://127.0.0.1:${sink.httpPort}/api/mails`, { method: "DELETE" });
    expect((await get("/api/mails")).json().mails).toEqual([]);
    expect((await get("/mails/none")).status).toBe(404);
  });
});
