import type { DescField } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import type { FieldPlan, ValuePlan } from "./plans.ts";
import { scalarPlan } from "./scalar-plan.ts";
import { unusual } from "./wire-cursor.ts";

const [COMMA, QUOTE, COLON, OPEN, CLOSE] = [44, 34, 58, 123, 125];
const [KEY, VALUE] = [1, 2];
const quoted: ReadonlySet<ScalarType> = new Set([
  ...[ScalarType.STRING, ScalarType.INT64, ScalarType.UINT64],
  ...[ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64],
]);

/** Writes a map, each key and value of it as encoders do. */
export function writeMap(
  name: Uint8Array,
  tag: number,
  { mapKey }: DescField & { fieldKind: "map" },
  values: ValuePlan,
): FieldPlan["present"] {
  const keys = scalarPlan(mapKey);
  const bare = !quoted.has(mapKey);
  const keyTag = (KEY << 3) | keys.wireType;
  const valueTag = (VALUE << 3) | values.wireType;
  return (from, end, to) => {
    to.ready(name);
    const start = to.at;
    const order = new KeyOrder();
    let next = tag;
    while (next === tag) {
      const last = from.end(end);
      if (from.tag(last) !== keyTag) throw unusual;
      to.byte(COMMA);
      const at = to.at;
      if (bare) to.byte(QUOTE);
      keys.write(from, last, to);
      if (bare) to.byte(QUOTE);
      order.add(to.since(at + 1));
      to.byte(COLON);
      if (from.tag(last) !== valueTag) throw unusual;
      values.write(from, last, to);
      if (from.at !== last) throw unusual;
      next = from.tag(end);
    }
    to.enclose(start, OPEN, CLOSE);
    return next;
  };
}

/** Objects of JavaScript have each key once, and those that are indices first, in their order. So does the library. */
class KeyOrder {
  readonly #names = new Set<string>();
  #lastIndex = -1;

  /** Takes a key with the quote that ends it. @throws unusual when an object would have it elsewhere */
  add(key: string): void {
    if (isIndex(key)) {
      const index = Number(key.slice(0, -1));
      if (this.#names.size > 0 || index <= this.#lastIndex) throw unusual;
      this.#lastIndex = index;
    } else if (this.#names.has(key)) throw unusual;
    else this.#names.add(key);
  }
}

/** Returns whether a key may be an index. Some that are too large for one are taken for it, which only costs time. */
function isIndex(key: string): boolean {
  return /^(?:0|[1-9]\d{0,9})"$/.test(key);
}
