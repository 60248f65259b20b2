import { readFile } from "node:fs/promises";
import { createFileRegistry, fromBinary, type Registry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Composition } from "@kontor/transcoder";

/** The contracts to serve: those in the file, or the shop's own. @throws Error naming the file that cannot be read */
export async function loadContracts(path: string | undefined): Promise<Registry> {
  if (path === undefined) return (await import("@kontor/shop/registry")).registry;
  try {
    return createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(path)));
  } catch (cause) {
    throw new Error(`GATEWAY_DESCRIPTORS: ${path} is not a FileDescriptorSet with all of its imports.`, { cause });
  }
}

/** Returns the RPCs that the edge itself implements: those of the shop, with its own contracts. */
export async function loadCompositions(path: string | undefined): Promise<readonly Composition[]> {
  return path === undefined ? (await import("@kontor/shop-edge")).compositions : [];
}
