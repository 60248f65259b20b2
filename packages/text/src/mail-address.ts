import { domainToASCII, domainToUnicode } from "node:url";

/** A mail address. */
export interface MailAddress {
  /** The stored and shown form: in NFC, its domain in lower case and in Unicode. */
  readonly address: string;
  /** The form that all spellings of the address share: compatible characters unified, lower case, the domain in ASCII. */
  readonly key: string;
}

const INVISIBLE = /[\p{Cf}\p{Cc}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
const LOCAL = /^[^\s@<>,;:"()[\]\\]+$/u;
/** Characters that would make a URL of a domain. */
const DOMAIN = /^[^\s@<>,;:"()[\]\\/?#%&=]+$/u;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Octets by RFC 5321. */
const LONGEST_LOCAL = 64;
const LONGEST = 254;

/**
 * Reads a mail address: NFC, a domain by UTS #46, no invisible characters, white space around it dropped. Returns undefined if it is
 * none. Only a mail that arrives proves an address, so nothing else is checked.
 *
 * ```ts
 * parseMailAddress(" Ada@EXAMPLE.com ")?.address; // "Ada@example.com"
 * ```
 */
export function parseMailAddress(raw: string): MailAddress | undefined {
  const text = raw.trim().normalize("NFC");
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(0, at));
  const domain = text.slice(at + 1);
  if (INVISIBLE.test(text) || !LOCAL.test(local) || !DOMAIN.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label)) || /^\d+$/.test(labels.at(-1) ?? ""))
    return undefined;
  const octets = Buffer.byteLength(local);
  const shown = domainToUnicode(ascii);
  if (domainToASCII(shown) !== ascii || INVISIBLE.test(shown) || /(^|\.)xn--/.test(shown)) return undefined;
  if (octets > LONGEST_LOCAL || octets + 1 + ascii.length > LONGEST) return undefined;
  const key = `${local.normalize("NFKC").toLowerCase().normalize("NFKC")}@${ascii}`;
  return { address: `${local}@${shown}`, key };
}
