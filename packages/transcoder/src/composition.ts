import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Answer, Call } from "./call.ts";

/** A unary RPC that the edge itself implements, by calls of other RPCs. */
export interface Composition {
  readonly method: DescMethod;
  /** The RPC is served where this service is. */
  readonly servedWith: DescService;
  /** Makes the response. @throws RpcError */
  compose(call: Call, edge: Composer): Promise<Answer>;
}

/** The dependencies of a composition. */
export interface Composer {
  /** Calls another RPC in the name of the caller. @throws RpcError */
  call(call: Call): Promise<Answer>;
  /** Returns the fallback of the contract with these fields. @throws the error, where the contract has none or nothing may replace it */
  fallback(error: unknown, fields: Readonly<Partial<Record<string, unknown>>>): Answer;
}
