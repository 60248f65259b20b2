import type { DescMethod } from "@bufbuild/protobuf";
import type { MethodPolicy } from "@kontor/policy";
import type { AnyHandler } from "./implement.ts";

/** An RPC as the server knows it. Everything about it that a call needs is worked out once, here. */
export interface ServedMethod {
  readonly desc: DescMethod;
  readonly handler: AnyHandler;
  /** `shop.orders.v1.OrdersService/PlaceOrder`, the name of its spans. */
  readonly fullName: string;
  readonly streams: boolean;
  readonly timeoutMs: number;
  /** Absent for the standard services, which are open to all. */
  readonly policy?: MethodPolicy;
}
