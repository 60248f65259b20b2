import type { DescMethod } from "@bufbuild/protobuf";

/** A contract that cannot be served. Its message names the file, the RPC and the reason. */
export class RouteError extends Error {
  constructor(method: DescMethod, reason: string) {
    super(`${method.parent.file.proto.name}: ${method.parent.typeName}.${method.name}: ${reason}`);
    this.name = "RouteError";
  }
}
