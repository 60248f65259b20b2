/** Groups of digits are separated by up to three characters that are neither letters nor digits. */
const SEPARATED_DIGITS = /[0-9]+(?:[^\p{L}\p{N}]{1,3}[0-9]+)*/gu;
const DIGITS = /[0-9]+/g;
const LETTER = /\p{L}/u;
/** Ids that consist of digits by chance: UUIDs, and hashes of 32, 40 or 64 hexadecimal digits. */
const IDS =
  /\b(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{32}(?:[0-9a-f]{8}|[0-9a-f]{32})?)\b/giu;
/** Networks (ISO/IEC 7812 numbers) and how long their card numbers are. */
const NETWORKS: readonly RegExp[] = [
  /^4(\d{12}|\d{15}|\d{18})$/, // Visa
  /^(5[1-5]\d{14}|(222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12})$/, // Mastercard
  /^3[47]\d{13}$/, // American Express
  /^(6011|64[4-9]\d|65\d\d)\d{12,15}$/, // Discover
  /^3(0[0-59]|[689]\d)\d{11,16}$/, // Diners Club
  /^(35(2[89]|[3-8]\d)\d{12,15}|(2131|1800)\d{11})$/, // JCB
  /^(62|81|82)\d{14,17}$/, // UnionPay, RuPay
  /^(50|5[6-9]|6\d)\d{10,17}$/, // Maestro
  /^(220[0-4]\d{12,15}|9792\d{12})$/, // Mir, Troy
];

/**
 * Returns whether something in the text looks like a card number (PAN): 12 to 19 digits with a valid check digit (ISO/IEC
 * 7812-1, Luhn), in any script, with separators or invisible characters between them. Digits that are attached to letters, or
 * grouped as no card is, count only if a network issues such numbers. Tracking numbers, dates and telephone numbers
 * therefore pass.
 *
 * ```ts
 * containsCardNumber("4242 4242 4242 4242"); // true
 * containsCardNumber("order 1234"); // false
 * ```
 */
export function containsCardNumber(text: string): boolean {
  if (hasFewDigits(text)) return false;
  const plain = plainDigits(text).replace(IDS, "x");
  return [...plain.matchAll(SEPARATED_DIGITS)].some(({ 0: found, index }) => {
    const attachedBefore = LETTER.test(plain.charAt(index - 1));
    const attachedAfter = LETTER.test(plain.charAt(index + found.length));
    return hasCardInOneGroup(found, attachedBefore, attachedAfter) || hasGroupedCard(found);
  });
}

/** The digits of the shortest card number. */
const FEWEST_DIGITS = 12;

/** Returns whether a text of ASCII characters has fewer digits than any card number. Nearly all texts have, and need no closer look. */
function hasFewDigits(text: string): boolean {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 || (code >= 48 && code <= 57 && ++digits >= FEWEST_DIGITS)) return false;
  }
  return true;
}

/** Returns the text with ASCII digits and without invisible characters. */
function plainDigits(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\p{M}]/gu, "")
    .replace(/\p{Nd}/gu, (digit) => String(digitOf(digit)));
}

/** Returns the ASCII digit. Unicode has the ten digits of a script in a row, from 0 to 9. */
function digitOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (code - first) % 10;
}

function hasCardInOneGroup(found: string, attachedBefore: boolean, attachedAfter: boolean): boolean {
  const groups = found.match(DIGITS) ?? [];
  return groups.some((digits, nth) => {
    const attached = (attachedBefore && nth === 0) || (attachedAfter && nth === groups.length - 1);
    if (attached ? digits.length > 12 && isIssued(digits) : isPlainCard(digits)) return true;
    // The expiry date or check code may follow.
    return digits.length > 16 && (isIssued(digits.slice(0, 16)) || isIssued(digits.slice(0, 15)));
  });
}

function isPlainCard(digits: string): boolean {
  return digits.length >= 12 && digits.length <= 19 && !isTimestamp(digits) && isLuhn(digits);
}

function hasGroupedCard(found: string): boolean {
  const groups = found.match(DIGITS) ?? [];
  const separators = found.match(/[^0-9]+/g) ?? [];
  for (let first = 0; first < groups.length; first += 1)
    for (let end = first + 2; end <= groups.length; end += 1) {
      if (groups.slice(first, end).join("").length > 19) break;
      if (isGroupedCard(groups.slice(first, end), separators.slice(first, end - 1))) return true;
    }
  return false;
}

function isGroupedCard(groups: readonly string[], separators: readonly string[]): boolean {
  const digits = groups.join("");
  if (!isIssued(digits)) return false;
  const alike = separators.every((separator) => separator === separators[0]);
  return isCardLayout(groups) || (alike && digits.length > 12) || digits.length === 15 || digits.length === 16;
}

/** Returns whether groups are those of printed cards: groups of four, or 4-6-5 and 4-6-4. */
function isCardLayout(groups: readonly string[]): boolean {
  const lengths = groups.map(({ length }) => length);
  return lengths.slice(0, -1).every((length) => length === 4) || /^4,6,[45]$/.test(lengths.join());
}

function isIssued(digits: string): boolean {
  return NETWORKS.some((network) => network.test(digits)) && isLuhn(digits);
}

/** Seconds to nanoseconds since 1970, as clients put them into keys. No network issues such numbers. */
function isTimestamp(digits: string): boolean {
  return digits.startsWith("1") && (digits.length === 13 || digits.length === 16 || digits.length === 19);
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighed = place % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum > 0 && sum % 10 === 0;
}
