import type { DescService } from "@bufbuild/protobuf";

/**
 * Returns the domain of the errors of a service: its package without the version, the last name first. `shop.orders.v1` is
 * `orders.shop`, and a service without a package has the domain `kontor`.
 */
export function domainOf({ file }: DescService): string {
  const names = file.proto.package.split(".").filter((name) => name !== "" && !/^v\d+\w*$/.test(name));
  return names.toReversed().join(".") || "kontor";
}
