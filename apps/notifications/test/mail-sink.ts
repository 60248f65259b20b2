import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "@kontor/testing";

export interface SunkMail {
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The mail server, a separate process that keeps its port and its mails. */
export interface MailSink {
  readonly smtpUrl: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  failNext(count: number): Promise<void>;
  /** Mails to an address, oldest first. */
  mailsTo(address: string): Promise<SunkMail[]>;
  dispose(): Promise<void>;
}

export async function startMailSink(): Promise<MailSink> {
  const dataDir = await mkdtemp(join(tmpdir(), "kontor-mails-"));
  const [smtpPort, httpPort] = [await freePort(), await freePort()];
  const main = fileURLToPath(new URL("../../mail-sink/src/main.ts", import.meta.url));
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const env = { SMTP_PORT: `${smtpPort}`, HTTP_PORT: `${httpPort}`, DATA_DIR: dataDir, KONTOR_EXIT_WITH_PARENT: "1" };
    const started = spawn(process.execPath, [main], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    child = started;
    await once(createInterface(started.stdout), "line");
    started.stdout.resume();
  }

  async function stop(): Promise<void> {
    child?.kill("SIGTERM");
    if (child?.exitCode === null) await once(child, "exit");
    child = undefined;
  }

  async function api(path: string, body?: object) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`http://127.0.0.1:${httpPort}/api/${path}`, {
      headers,
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  }

  await start();
  return {
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    start,
    stop,
    async failNext(count) {
      await api("control", { failNext: count });
    },
    async mailsTo(address) {
      const { mails } = (await api(`mails?to=${encodeURIComponent(address)}`)) as { mails: { id: string }[] };
      return Promise.all(mails.toReversed().map(({ id }) => api(`mails/${id}`) as Promise<SunkMail>));
    },
    async dispose() {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
