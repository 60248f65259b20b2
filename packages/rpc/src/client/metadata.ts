import { Metadata } from "@grpc/grpc-js";

/** Metadata of grpc-js with these entries. */
export function toMetadata(entries: Readonly<Record<string, string>> | undefined): Metadata {
  const metadata = new Metadata();
  for (const name in entries) {
    const value = entries[name];
    if (value !== undefined) metadata.set(name, value);
  }
  return metadata;
}
