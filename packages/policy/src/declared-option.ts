import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import type { GenExtension } from "@bufbuild/protobuf/codegenv2";
import type { MethodOptions } from "@bufbuild/protobuf/wkt";
import { file_kontor_options_v1_options } from "@kontor/contracts/options/v1/options";

/** Returns whether the contract of an RPC imports our options. */
export function knowsOptions({ parent }: DescMethod): boolean {
  return parent.file.dependencies.some(({ name }) => name === file_kontor_options_v1_options.name);
}

/**
 * Returns the value of one of Kontor's options of an RPC, or undefined. A contract that does not import the option's file may use its
 * number for another option, so there it counts as absent.
 */
export function declaredOption<V>(method: DescMethod, option: GenExtension<MethodOptions, V>): V | undefined {
  return knowsOptions(method) && hasOption(method, option) ? (getOption(method, option) as V) : undefined;
}
