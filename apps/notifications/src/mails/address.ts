import { isolated, printable } from "@kontor/text";
import { formatAddress } from "localized-address-format";
import type { Address } from "../domain/story.ts";

type Fields = Omit<Parameters<typeof formatAddress>[0], "addressLines"> & { readonly addressLines?: readonly string[] };
type Format = (fields: Fields) => string[];

/** A value that no format contains. */
const MARK = "\u0001";

/**
 * Returns the lines of an address as its country writes them, and the country in `language` as the last. The formats are those
 * of Google's libaddressinput. No field is lost: a field that a country's format lacks is on a separate line.
 */
export function addressLines(address: Address, language: string): string[] {
  const country = printable(address.country);
  const lines = linesOf(address, formatOf(country, address));
  const name = countryName(country, language);
  const repeated = lines.some((line) => same(line, name));
  return (repeated ? lines : [...lines, name]).map(isolated).filter((line) => line !== "");
}

function linesOf(address: Address, format: Format): string[] {
  const [locality, region] = [printable(address.city), printable(address.region)];
  const street = [address.line1, address.line2].map(printable).filter((line) => line !== "");
  const postalCode = withoutPrefix(printable(address.postalCode), format);
  const fields = { name: printable(address.recipient), administrativeArea: region, postalCode };
  const lines = has("locality", format)
    ? format({ ...fields, addressLines: street, locality })
    : format({ ...fields, addressLines: streetWithTown(street, locality, format) });
  if (!has("administrativeArea", format)) insertAfterTown(lines, locality, region);
  if (!has("postalCode", format)) insertAfterTown(lines, locality, postalCode);
  return lines;
}

/** Where a format has no place for the town, it follows the street, or precedes it in formats that end with the recipient. */
function streetWithTown(street: readonly string[], town: string, format: Format): readonly string[] {
  const literal = format({ postalCode: MARK }).join(" ").replace(MARK, "").trim();
  if (same(town, literal)) return street; // `SINGAPORE` stands in the format.
  const [first] = format({ name: "name", addressLines: [MARK] });
  return first === MARK ? [town, ...street] : [...street, town];
}

function insertAfterTown(lines: string[], town: string, value: string): void {
  if (value === "" || lines.some((line) => same(line, value)) || same(town, value)) return;
  const at = town === "" ? -1 : lines.findLastIndex((line) => line.includes(town));
  lines.splice(at === -1 ? lines.length : at + 1, 0, value);
}

/** Formats such as `CH-%Z` add a prefix that many people enter too. */
function withoutPrefix(postalCode: string, format: Format): string {
  const line = format({ postalCode: MARK }).find((one) => one.includes(MARK)) ?? "";
  const prefix = line.slice(0, line.indexOf(MARK)).trim().toLowerCase();
  return prefix !== "" && postalCode.toLowerCase().startsWith(prefix)
    ? postalCode.slice(prefix.length).trim()
    : postalCode;
}

function has(field: keyof Fields, format: Format): boolean {
  return format({ [field]: MARK }).some((line) => line.includes(MARK));
}

/** Several countries write addresses in Latin letters in another order. */
function formatOf(country: string, { line1, city, region }: Address): Format {
  const script = /(?!\p{Script=Latin})\p{L}/u.test(line1 + city + region) ? "local" : "latin";
  return ({ addressLines: street = [], ...fields }) => {
    // As one line, so that the format's next part follows the street's last line.
    const all = { ...fields, addressLines: [street.join("\n")], postalCountry: country.toUpperCase() };
    return formatAddress(all, script).flatMap((line) => line.split("\n"));
  };
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function countryName(country: string, language: string): string {
  if (!/^[A-Z]{2}$/i.test(country)) return country;
  return new Intl.DisplayNames([language], { type: "region", fallback: "code" }).of(country.toUpperCase()) ?? country;
}
