/** Returns a name in TypeScript for each type: the shortest that no other type has. */
export function typeNames(keys: readonly string[], taken: ReadonlySet<string>): ReadonlyMap<string, string> {
  const groups = Map.groupBy(keys, shortName);
  const names = new Map<string, string>();
  for (const [name, same] of groups)
    for (const key of same) names.set(key, same.length === 1 && !taken.has(name) ? name : longName(key));
  return names;
}

/** Returns `OrderLineInput` for `shop.orders.v1.Order.Line.Input`. Names that end in `Request` stay as they are. */
function shortName(key: string): string {
  const parts = key.split(".").filter((part) => /^[A-Z]/.test(part));
  return joined(parts.length === 0 ? key.split(".").slice(-1) : parts);
}

function longName(key: string): string {
  return joined(key.split(".").map((part) => part.charAt(0).toUpperCase() + part.slice(1)));
}

function joined(parts: readonly string[]): string {
  const isInput = parts.length > 1 && parts.at(-1) === "Input";
  const name = (isInput ? parts.slice(0, -1) : parts).join("").replaceAll(/\W/g, "_");
  return isInput && !name.endsWith("Request") ? `${name}Input` : name;
}

/** Returns a name as it is written as a key of an object. */
export function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
