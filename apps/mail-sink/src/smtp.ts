import type { Log } from "@kontor/simulator";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";
import { type Envelope, parseMail } from "./mail.ts";
import type { Mailbox } from "./mailbox.ts";

const MAIL_LIMIT = 2 * 1024 * 1024;

/** How many mails are still to be refused for now. */
export interface Refusals {
  failNext: number;
}

/** Takes every mail from anyone, without TLS and passwords. */
export function createSmtpServer(mailbox: Mailbox, refusals: Refusals, log: Log): SMTPServer {
  return new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: MAIL_LIMIT,
    maxClients: 50,
    closeTimeout: 500,
    onMailFrom(_address, _session, callback) {
      if (refusals.failNext === 0) return callback();
      refusals.failNext -= 1;
      callback(refusal(451, "Try again later"));
    },
    onData(stream, session, callback) {
      const { mailFrom, rcptTo } = session.envelope;
      const envelope = { from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address) };
      receive(stream, envelope, mailbox).then(
        ({ id, from, to, subject }) => {
          log.info({ id, from, to, subject }, "mail received");
          callback(null, `Kept as ${id}`);
        },
        (err: Error) => {
          log.warn({ err }, "mail refused");
          callback(err);
        },
      );
    },
  });
}

async function receive(stream: SMTPServerDataStream, envelope: Envelope, mailbox: Mailbox) {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk);
  if (stream.sizeExceeded) throw refusal(552, `A mail may have ${MAIL_LIMIT} bytes`);
  const mail = await parseMail(Buffer.concat(chunks), envelope, new Date());
  mailbox.add(mail);
  return mail;
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
