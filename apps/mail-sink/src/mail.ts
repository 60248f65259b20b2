import { randomBytes } from "node:crypto";
import PostalMime from "postal-mime";

const TEXT_LIMIT = 256 * 1024;

export interface Mail {
  /** Sorts by arrival. */
  readonly id: string;
  readonly receivedAt: string;
  /** Sender and recipients are those of the envelope. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly size: number;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly filename: string; readonly mimeType: string; readonly size: number }[];
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** Parses a mail received by SMTP. Attachments are named, not stored; long texts are cut. */
export async function parseMail(raw: Buffer, envelope: Envelope, at: Date): Promise<Mail> {
  const email = await PostalMime.parse(raw, { attachmentEncoding: "arraybuffer" });
  return {
    id: `${at.toISOString().replace(/\D/g, "")}-${randomBytes(4).toString("hex")}`,
    receivedAt: at.toISOString(),
    from: envelope.from,
    to: envelope.to,
    subject: email.subject ?? "",
    size: raw.length,
    text: (email.text ?? "").slice(0, TEXT_LIMIT),
    html: (email.html ?? "").slice(0, TEXT_LIMIT),
    headers: Object.fromEntries(email.headers.map(({ key, value }) => [key, value.slice(0, 2_000)])),
    attachments: email.attachments.map(({ filename, mimeType, content }) => ({
      filename: filename ?? "",
      mimeType,
      size: typeof content === "string" ? content.length : content.byteLength,
    })),
  };
}
