import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import type { GenExtension } from "@bufbuild/protobuf/codegenv2";
import type { MethodOptions } from "@bufbuild/protobuf/wkt";

/**
 * Returns what an RPC declares by one of our options, or undefined. A contract that does not import the option's file may mean
 * something else by its number, so there it counts as absent.
 */
export function declaredOption<V>(method: DescMethod, option: GenExtension<MethodOptions, V>): V | undefined {
  const knows = method.parent.file.dependencies.some(({ name }) => name === option.file.name);
  return knows && hasOption(method, option) ? (getOption(method, option) as V) : undefined;
}
