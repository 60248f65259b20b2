import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mail } from "./mail.ts";

const MOST_MAILS = 1_000;
const MOST_BYTES = 16 * 1024 * 1024;

export interface Mailbox {
  add(mail: Mail): void;
  get(id: string): Mail | undefined;
  /** Newest first. A filter matches any part of the text, in any case; an empty one matches all. */
  list(filter: { readonly to: string; readonly subject: string }): Mail[];
  clear(): void;
}

/** Keeps the last mails in memory, and one file each in `folder` if there is one. */
export function openMailbox(folder: string | undefined): Mailbox {
  const mails = new Map<string, { mail: Mail; bytes: number }>();
  let bytes = 0;

  function keep(mail: Mail, size: number): void {
    mails.set(mail.id, { mail, bytes: size });
    bytes += size;
    for (const id of mails.keys()) {
      if ((mails.size <= MOST_MAILS && bytes <= MOST_BYTES) || id === mail.id) return;
      forget(id);
    }
  }

  function forget(id: string): void {
    bytes -= mails.get(id)?.bytes ?? 0;
    mails.delete(id);
    if (folder) rmSync(fileOf(folder, id), { force: true });
  }

  if (folder) {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith(".json")) continue;
      const content = readFileSync(join(folder, name), "utf8");
      keep(JSON.parse(content) as Mail, content.length); // Only `add` writes such files.
    }
  }

  return {
    add(mail) {
      const content = JSON.stringify(mail);
      if (folder) {
        const draft = join(folder, `${mail.id}.part`);
        writeFileSync(draft, content);
        renameSync(draft, fileOf(folder, mail.id));
      }
      keep(mail, content.length);
    },
    get: (id) => mails.get(id)?.mail,
    list: ({ to, subject }) =>
      [...mails.values()]
        .map(({ mail }) => mail)
        .filter((mail) => mail.to.some((address) => has(address, to)) && has(mail.subject, subject))
        .reverse(),
    clear() {
      for (const id of [...mails.keys()]) forget(id);
    },
  };
}

function fileOf(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

function has(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
