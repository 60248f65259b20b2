import type { DescEnum, DescFile, DescMessage, DescMethod, Registry } from "@bufbuild/protobuf";

/** The comments of contracts by the full name of their subject: `shop.orders.v1.Order.id`. */
export type Comments = Readonly<Record<string, string>>;

// Numbers of fields in google/protobuf/descriptor.proto, of which the paths of source code info consist.
const FILE = { messages: 4, enums: 5, services: 6 } as const;
const MESSAGE = { fields: 2, messages: 3, enums: 4 } as const;
const METHODS = 2;
const VALUES = 2;

/** Returns the leading comments of all files of a registry whose descriptors carry source code info. */
export function commentsIn(registry: Registry): Comments {
  const found: Record<string, string> = {};
  const files = new Set(Array.from(registry, ({ file }) => file));
  for (const file of files) addFile(file, found);
  return found;
}

function addFile(file: DescFile, found: Record<string, string>): void {
  const texts = new Map<string, string>();
  for (const { path, leadingComments } of file.proto.sourceCodeInfo?.location ?? [])
    if (leadingComments) texts.set(path.join("."), unindent(leadingComments));
  if (texts.size === 0) return;
  const add = (name: string, path: readonly number[]) => {
    const text = texts.get(path.join("."));
    if (text) found[name] = text;
  };
  const addEnum = (desc: DescEnum, path: readonly number[]) => {
    add(desc.typeName, path);
    for (const [i, { name }] of desc.values.entries()) add(`${desc.typeName}.${name}`, [...path, VALUES, i]);
  };
  const addMessage = (desc: DescMessage, path: readonly number[]) => {
    add(desc.typeName, path);
    for (const [i, { name }] of desc.fields.entries()) add(`${desc.typeName}.${name}`, [...path, MESSAGE.fields, i]);
    const nested = desc.proto.nestedType.map(({ name }) => name);
    for (const each of desc.nestedMessages) addMessage(each, [...path, MESSAGE.messages, nested.indexOf(each.name)]);
    for (const [i, each] of desc.nestedEnums.entries()) addEnum(each, [...path, MESSAGE.enums, i]);
  };
  for (const [i, each] of file.messages.entries()) addMessage(each, [FILE.messages, i]);
  for (const [i, each] of file.enums.entries()) addEnum(each, [FILE.enums, i]);
  for (const [i, each] of file.services.entries()) {
    add(each.typeName, [FILE.services, i]);
    for (const [j, method] of each.methods.entries()) add(methodName(method), [FILE.services, i, METHODS, j]);
  }
}

/** Returns the name under which the comment of an RPC is stored. */
export function methodName({ parent, name }: DescMethod): string {
  return `${parent.typeName}.${name}`;
}

/** Removes the blank that follows the slashes, and the last line break. */
function unindent(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/^ /, ""))
    .join("\n")
    .trim();
}
