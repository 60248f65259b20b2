import type { Outcome } from "../domain/delivery.ts";
import type { Mail, MailTransport } from "../ports.ts";

type Options = { readonly url: string; readonly from: string };
type Refusal = Partial<Record<"code" | "response" | "message", string> & { responseCode: number }>;

/** Together less than a lease, so that a mail is not taken over during a connection. */
const CONNECT_TIMEOUT_MS = 5_000;
const SILENCE_TIMEOUT_MS = 10_000;

/** Errors that are about this mail. All others are about the server. */
const aboutTheMail = new Set(["EENVELOPE", "EMESSAGE"]);

/** Sends mails by SMTP over a few connections that remain open. The library is loaded with the first mail. */
export function createSmtpTransport({ url, from }: Options): MailTransport {
  let opening: ReturnType<typeof open> | undefined;

  return {
    async send(mail) {
      try {
        opening ??= open(url);
        const { response } = await (await opening).sendMail(messageOf(mail, from));
        return { kind: "taken", detail: response };
      } catch (error) {
        return outcomeOf(error as Refusal);
      }
    },
    async close() {
      (await opening)?.close();
    },
  };
}

async function open(url: string) {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    url,
    pool: true,
    maxConnections: 5,
    maxRequeues: 0, // The table of attempts records each one.
    connectionTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function messageOf({ messageId, to, subject, text, html }: Mail, from: string) {
  return { from, to, subject, text, html, messageId, headers: { "Auto-Submitted": "auto-generated" } };
}

function outcomeOf({ code, responseCode, response, message }: Refusal): Outcome {
  const detail = (response ?? message ?? "No response.").slice(0, 500);
  if (!aboutTheMail.has(code ?? "")) return { kind: "unreachable", detail };
  const forNow = responseCode !== undefined && responseCode < 500;
  return { kind: forNow ? "deferred" : "refused", detail };
}
