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

/**
 * Where a text is inserted: directly before or after the only occurrence of an anchor, or at the start or the end of the file. With
 * `from`, before the first `before` that follows the only occurrence of `from`.
 */
export type Place =
  | { readonly before: string | RegExp }
  | { readonly after: string | RegExp }
  | { readonly from: string; readonly before: string }
  | "start"
  | "end";

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

/** Inserts a line among those that match `like`, sorted. `own` matches it with its line break when it is removed. */
export function sortedLine(file: string, line: string, { like, own }: { like: RegExp; own: RegExp }): Edit {
  return {
    file,
    add(before) {
      const lines = before.split("\n");
      const known = lines.flatMap((text, index) => (like.test(text) ? [{ text, index }] : []));
      const last = known.at(-1);
      if (last === undefined) throw new UnknownPlace(`${file} has no line like ${like.source}.`);
      const next = known.find(({ text }) => text > line);
      lines.splice(next?.index ?? last.index + 1, 0, line);
      return lines.join("\n");
    },
    remove: (before) => without(file, before, own),
  };
}

function positionOf(file: string, text: string, place: Place): number {
  if (place === "start") return 0;
  if (place === "end") return text.length;
  if ("from" in place) {
    const { end } = onlyOccurrence(file, text, place.from);
    const at = text.indexOf(place.before, end);
    if (at < 0)
      throw new UnknownPlace(`${file} has no ${JSON.stringify(place.before)} after ${JSON.stringify(place.from)}.`);
    return at;
  }
  if ("before" in place) return onlyOccurrence(file, text, place.before).start;
  return onlyOccurrence(file, text, place.after).end;
}

function onlyOccurrence(file: string, text: string, anchor: string | RegExp): { start: number; end: number } {
  const shown = typeof anchor === "string" ? JSON.stringify(anchor) : anchor.source;
  const pattern = typeof anchor === "string" ? RegExp.escape(anchor) : anchor.source;
  const [first, second] = [...text.matchAll(new RegExp(pattern, "gm"))];
  if (first === undefined) throw new UnknownPlace(`${file} has no ${shown}.`);
  if (second !== undefined) throw new UnknownPlace(`${file} has ${shown} more than once.`);
  return { start: first.index, end: first.index + first[0].length };
}

function without(file: string, text: string, own: RegExp | string): string {
  const left = text.replace(own, "");
  if (left === text)
    throw new UnknownPlace(`${file} has nothing like ${own instanceof RegExp ? own.source : own.trim()}.`);
  return left;
}
