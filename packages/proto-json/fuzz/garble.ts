import type { Random } from "./random-wire.ts";

/** Puts another value of JSON in the place of one, now and then. */
export function spoil(text: string, random: Random): string {
  const others = [
    "null",
    "0",
    "-1",
    "4294967296",
    "-0",
    '"7"',
    '"-7"',
    '"99999999999999999999"',
    '"x"',
    "true",
    "[]",
    "{}",
    "[null]",
  ];
  return text.replace(/(?<=[:[,])(?:-?\d+|true|false|"[^"\\]*")(?=[,}\]])/g, (value) =>
    random() < 0.03 ? (others[Math.floor(random() * others.length)] ?? value) : value,
  );
}

/** Puts other bytes and white space into JSON, cuts it off, repeats pieces of it, and uses names of proto, now and then. */
export function garble(text: string, random: Random): string {
  const pieces = [
    " ",
    "\n",
    ",",
    ":",
    '"',
    "{",
    "}",
    "[",
    "]",
    "0",
    "-",
    ".5",
    "e1",
    "\\",
    "\\n",
    "\\u0041",
    "\\ud800",
    "ä",
    "\u0000",
    "null",
  ];
  const at = (limit: number) => Math.floor(random() * limit);
  let garbled = text;
  for (let left = at(3); left > 0; left--) {
    const place = at(garbled.length + 1);
    const piece = random() < 0.8 ? (pieces[at(pieces.length)] ?? "") : garbled.slice(place, place + at(20));
    garbled = garbled.slice(0, place) + piece + garbled.slice(place + at(2));
  }
  if (random() < 0.3) garbled = garbled.replace(/[A-Z](?=\w*":)/, (letter) => `_${letter.toLowerCase()}`);
  if (random() < 0.3) garbled = garbled.replaceAll(/[,:]/g, (mark) => (random() < 0.5 ? ` ${mark}\t` : mark));
  return garbled;
}

/** Puts the keys of objects in another order. */
export function shuffled(text: string, random: Random): string {
  const shuffle = (json: unknown): unknown => {
    if (typeof json !== "object" || json === null) return json;
    if (Array.isArray(json)) return json.map(shuffle);
    const entries = Object.entries(json).sort(() => random() - 0.5);
    return Object.fromEntries(entries.map(([key, value]) => [key, shuffle(value)]));
  };
  return JSON.stringify(shuffle(JSON.parse(text)));
}
