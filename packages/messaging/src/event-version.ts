import { type DescMessage, getOption, hasOption, type MessageShape } from "@bufbuild/protobuf";
import { event_version } from "@kontor/contracts/options/v1/options";
import { defineErrors } from "@kontor/errors";
import { PermanentError } from "./permanent-error.ts";

/** The header with the version of an event, an extension attribute of CloudEvents. Absent: 1. */
export const VERSION_HEADER = "ce-schemaversion";

/** Raise a decoded event of an older version to the next: `1` raises version 1 to 2. All from the stored version on run, in order. */
export type EventUpcasters<D extends DescMessage> = Readonly<
  Record<number, (event: MessageShape<D>) => MessageShape<D>>
>;

/** Why this release cannot read a message. */
export const eventErrors = defineErrors("messaging.kontor", {
  EVENT_VERSION_UNKNOWN: {
    code: "UNAVAILABLE",
    message: (f: { type: string; version: number; known: number }) =>
      `The message is ${f.type} in version ${f.version}; this release reads it up to version ${f.known}. Finish the upgrade, or deploy the release that published it.`,
    de: "Die Nachricht ist {type} in Version {version}. Diese Version liest sie bis Version {known}.",
  },
});

/** Returns the version that the contract declares for an event, 1 unless it declares another. */
export function versionOf(schema: DescMessage): number {
  return hasOption(schema, event_version) ? getOption(schema, event_version) : 1;
}

/** Returns the version in the headers of a message. Throws a PermanentError if it is no integer from 1. */
export function readVersion(headers: Readonly<Record<string, string>>): number {
  const text = headers[VERSION_HEADER] ?? "1";
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new PermanentError(`The header ${VERSION_HEADER} is "${text}", no version.`);
  return Number(text);
}

/** Throws an Error unless there is one upcaster for each version before that of the contract. */
export function checkUpcasters<D extends DescMessage>(schema: D, upcasters: EventUpcasters<D>): void {
  const older = Array.from({ length: versionOf(schema) - 1 }, (_, index) => String(index + 1));
  const wrong = [...older, ...Object.keys(upcasters)].find((key) => !older.includes(key) || !(key in upcasters));
  if (wrong === undefined) return;
  throw new Error(
    `${schema.typeName} has version ${versionOf(schema)}, and needs one upcaster for each older one: see ${wrong}.`,
  );
}

/** Throws UNAVAILABLE `EVENT_VERSION_UNKNOWN` for a version above that of the contract. */
export function checkKnown(schema: DescMessage, version: number): void {
  const known = versionOf(schema);
  if (version > known) throw eventErrors.EVENT_VERSION_UNKNOWN({ type: schema.typeName, version, known });
}

/** Returns an event of this version as the contract's version has it. */
export function raise<D extends DescMessage>(
  schema: D,
  upcasters: EventUpcasters<D>,
  event: MessageShape<D>,
  version: number,
): MessageShape<D> {
  let raised = event;
  for (let step = version; step < versionOf(schema); step++) raised = upcasters[step]?.(raised) ?? raised;
  return raised;
}
