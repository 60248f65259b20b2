import { create, type DescMethod, type MessageInitShape } from "@bufbuild/protobuf";
import { type FieldViolation, isKontorError } from "@kontor/errors";
import { createRequestRules } from "./request-rules.ts";

/**
 * Returns the violations of a request by the rules of the contract, for tests of contracts.
 *
 * ```ts
 * import { OrdersService } from "@kontor/sample";
 * import { violationsIn } from "@kontor/validation/testing";
 * violationsIn(OrdersService.method.cancelOrder, { orderId: "o1", reason: "late" }); // []
 * ```
 */
export function violationsIn<M extends DescMethod>(
  method: M,
  request: MessageInitShape<M["input"]>,
): readonly FieldViolation[] {
  const onDefect = (error: Error) => {
    throw error;
  };
  try {
    createRequestRules({ contracts: [method.parent], onDefect }).of(method)?.(create(method.input, request));
    return [];
  } catch (error) {
    if (!isKontorError(error, "INVALID_REQUEST")) throw error;
    return error.violations;
  }
}
