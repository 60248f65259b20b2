import { createRegistry, type DescMessage, type Registry } from "@bufbuild/protobuf";

/** Returns contracts with the messages of all responses, which errors may have as details, from any file. */
export function withDetailTypes(contracts: Registry): Registry {
  const found = new Set<DescMessage>();
  function add(message: DescMessage): void {
    if (found.has(message)) return;
    found.add(message);
    for (const { message: part } of message.fields) if (part !== undefined) add(part);
  }
  for (const type of contracts) if (type.kind === "service") for (const { output } of type.methods) add(output);
  return createRegistry(contracts, ...found);
}
