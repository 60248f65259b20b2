import { type DescMessage, fromBinary, type Registry, toBinary, toJson } from "@bufbuild/protobuf";
import { formJson, JsonForm, JsonReader, jsonFromWire, parseStrictJson, wireFromJson } from "../src/index.ts";
import { garble, shuffled, spoil } from "./garble.ts";
import { type Random, RandomWire, randomFrom } from "./random-wire.ts";

/** How many messages were compared. */
export interface Tally {
  /** Those that have a form on the other side. */
  legal: number;
  /** Those that generated code took. */
  direct: number;
}

/** The compared functions, and the options of the messages. */
export interface CompareOptions {
  readonly registry: Registry;
  readonly seed: number;
  /** Default: ProtoJSON. */
  readonly form?: JsonForm;
  /** How likely each piece of a message is unusual on the wire. Default: 0. */
  readonly mischief?: number;
  /** Changes JSON before it is read. Default: not at all. */
  readonly edit?: (text: string, random: Random) => string;
}

/** Changes of JSON, by name. */
export const edits = { none: (text: string) => text, shuffled, spoil, garble } as const;

/** Returns the function that compares generated code with the library, one message at a time. It throws at the first difference. */
export function createComparison({
  registry,
  seed,
  form = new JsonForm(),
  mischief = 0,
  edit = edits.none,
}: CompareOptions) {
  const random = randomFrom(seed);
  const wire = new RandomWire(random, mischief);
  const reader = new JsonReader(registry, form);
  const options = { registry, alwaysEmitImplicit: true };

  /** Compares the JSON of a message. */
  function writing(desc: DescMessage, tally: Tally): void {
    const bytes = wire.message(desc);
    const expected = attempt(() =>
      JSON.stringify(formJson(desc, toJson(desc, fromBinary(desc, bytes), options), form, registry)),
    );
    const json = jsonFromWire(desc, bytes, undefined, form);
    count(tally, expected, json);
    if (json !== undefined && json !== expected) throw new Difference(desc, hex(bytes), json, expected);
  }

  /** Compares the bytes of a JSON text. */
  function reading(desc: DescMessage, tally: Tally): void {
    const message = attempt(() =>
      toJson(desc, fromBinary(desc, wire.message(desc, 2)), { registry, alwaysEmitImplicit: random() < 0.5 }),
    );
    if (message === undefined) return;
    const text = edit(JSON.stringify(message), random);
    // With a pointer the reader takes no shortcut.
    const expected = attempt(() => hex(toBinary(desc, reader.message(desc, parseStrictJson(Buffer.from(text)), "/x"))));
    const found = wireFromJson(desc, Buffer.from(text), { form });
    const bytes = found && hex(found);
    count(tally, expected, bytes);
    if (bytes !== undefined && bytes !== expected) throw new Difference(desc, text, bytes, expected);
  }
  return { writing, reading };
}

class Difference extends Error {
  constructor(desc: DescMessage, from: string, found: string, expected: string | undefined) {
    super(`${desc.typeName} differs. From: ${from} Generated: ${found} Library: ${expected ?? "refuses it"}`);
  }
}

function count(tally: Tally, expected: unknown, found: unknown): void {
  if (expected !== undefined) tally.legal++;
  if (found !== undefined) tally.direct++;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
