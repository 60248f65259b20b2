/** An entry of a service in a file that lists services, and how it is removed again. */
export interface Edit {
  /** Path of the file from the root. */
  readonly file: string;
  /** Returns the text with the entry. Throws {@link UnknownPlace} if the place for it is not there exactly once. */
  add(text: string): string;
  /** Returns the text without the entry. Throws {@link UnknownPlace} if it has none. */
  remove(text: string): string;
}

/** A file does not have the place or the entry that a command changes. */
export class UnknownPlace extends Error {}

/** Where a text is inserted: directly before or after the only occurrence of an anchor, or at the end of the file. */
export type Place = { readonly before: string } | { readonly after: string } | "end";

/** Inserts `text`. `own` matches it when it is removed, as people may have changed it since; default: exactly the text. */
export function insertion(file: string, place: Place, text: string, own: RegExp | string = text): Edit {
  return {
    file,
    add(before) {
      const at = positionOf(file, before, place);
      return before.slice(0, at) + text + before.slice(at);
    },
    remove: (before) => without(file, before, own),
  };
}

/** Inserts a line among those that match `like`, sorted by `key`. `own` matches it with its line break when it is removed. */
export function sortedLine(
  file: string,
  line: string,
  { like, own, key = (text) => text }: { like: RegExp; own: RegExp; key?: (line: string) => string },
): Edit {
  return {
    file,
    add(before) {
      const lines = before.split("\n");
      const known = lines.flatMap((text, index) => (like.test(text) ? [{ text, index }] : []));
      const last = known.at(-1);
      if (last === undefined) throw new UnknownPlace(`${file} has no line like ${like.source}.`);
      const next = known.find(({ text }) => key(text) > key(line));
      lines.splice(next?.index ?? last.index + 1, 0, line);
      return lines.join("\n");
    },
    remove: (before) => without(file, before, own),
  };
}

function positionOf(file: string, text: string, place: Place): number {
  if (place === "end") return text.length;
  const anchor = "before" in place ? place.before : place.after;
  const at = text.indexOf(anchor);
  if (at < 0) throw new UnknownPlace(`${file} has no ${JSON.stringify(anchor)}.`);
  if (text.includes(anchor, at + 1)) throw new UnknownPlace(`${file} has ${JSON.stringify(anchor)} more than once.`);
  return "before" in place ? at : at + anchor.length;
}

function without(file: string, text: string, own: RegExp | string): string {
  const left = text.replace(own, "");
  if (left === text)
    throw new UnknownPlace(`${file} has nothing like ${own instanceof RegExp ? own.source : own.trim()}.`);
  return left;
}
