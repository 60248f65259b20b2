import { type DescFile, type DescMessage, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** The files and symbols that reflection serves. Files are named as they are imported. */
export interface Symbols {
  fileOfSymbol(name: string): DescFile | undefined;
  fileNamed(name: string): DescFile | undefined;
  fileOfExtension(extendee: string, no: number): DescFile | undefined;
  extensionNumbers(extendee: string): number[] | undefined;
}

/** Indexes files and all they import. */
export function indexSymbols(files: Iterable<DescFile>): Symbols {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  const add = (file: DescFile): void => {
    if (byName.has(`${file.name}.proto`)) return;
    byName.set(`${file.name}.proto`, file);
    for (const name of symbolsOf(file)) bySymbol.set(name, file);
    for (const { extendee, number } of extensionsOf(file)) {
      const known = extensions.get(extendee.typeName) ?? new Map<number, DescFile>();
      extensions.set(extendee.typeName, known.set(number, file));
    }
    file.dependencies.forEach(add);
  };
  for (const file of files) add(file);
  return {
    fileOfSymbol: (name) => bySymbol.get(name),
    fileNamed: (name) => byName.get(name),
    fileOfExtension: (extendee, no) => extensions.get(extendee)?.get(no),
    extensionNumbers: (extendee) =>
      bySymbol.has(extendee) ? [...(extensions.get(extendee)?.keys() ?? [])] : undefined,
  };
}

/** Returns a file and all its imports, encoded, each once and before its own imports. Tools read the first as the result. */
export function encodeWithImports(file: DescFile): Uint8Array[] {
  const importedFirst = new Set<DescFile>();
  const visit = (next: DescFile): void => {
    if (importedFirst.has(next)) return;
    next.dependencies.forEach(visit);
    importedFirst.add(next);
  };
  visit(file);
  return [...importedFirst].reverse().map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
}

function* symbolsOf(file: DescFile): Iterable<string> {
  for (const desc of file.enums) yield desc.typeName;
  for (const desc of file.extensions) yield desc.typeName;
  for (const desc of file.messages) yield* symbolsOfMessage(desc);
  for (const desc of file.services) yield* symbolsOfService(desc);
}

function* symbolsOfMessage(desc: DescMessage): Iterable<string> {
  yield desc.typeName;
  for (const field of desc.fields) yield `${desc.typeName}.${field.name}`;
  for (const nested of desc.nestedEnums) yield nested.typeName;
  for (const nested of desc.nestedExtensions) yield nested.typeName;
  for (const nested of desc.nestedMessages) yield* symbolsOfMessage(nested);
}

function* symbolsOfService(desc: DescService): Iterable<string> {
  yield desc.typeName;
  for (const method of desc.methods) yield `${desc.typeName}.${method.name}`;
}

function extensionsOf(file: DescFile | DescMessage): DescFile["extensions"] {
  if (file.kind === "message") return [...file.nestedExtensions, ...file.nestedMessages.flatMap(extensionsOf)];
  return [...file.extensions, ...file.messages.flatMap(extensionsOf)];
}
