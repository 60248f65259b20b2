import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import {
  type GetOrderDetailsRequest,
  GetOrderDetailsResponseSchema,
  OrderDetailsService,
} from "@kontor/shop/contracts/gateway/v1/order_details_service";
import { OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { type Answer, type Call, type Composer, type Composition, RpcError, Status } from "@kontor/transcoder";

/** An order with all that belongs to it, read at the same time. */
export const orderDetails: Composition = {
  method: OrderDetailsService.method.getOrderDetails,
  servedWith: OrdersService,
  compose: composeDetails,
};

async function composeDetails(call: Call, edge: Composer): Promise<Answer> {
  const { orderId } = call.message as GetOrderDetailsRequest;
  const missing: string[] = [];
  async function ask<I extends DescMessage, O extends DescMessage>(
    method: DescMethod & { input: I; output: O },
  ): Promise<MessageShape<O>> {
    const message = create(method.input, { orderId } as object as MessageInitShape<I>);
    return (await edge.call({ ...call, method, message })).message as MessageShape<O>;
  }
  /** Returns the part, or nothing: there is none yet, or it cannot be read or written now, and then it is named. */
  async function part<I extends DescMessage, O extends DescMessage>(
    name: string,
    method: DescMethod & { input: I; output: O },
  ): Promise<MessageShape<O> | undefined> {
    try {
      const answer = await ask(method);
      if (isJson(method.output, answer)) return answer;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (error.code === Status.NOT_FOUND) return undefined;
    }
    missing.push(name);
    return undefined;
  }
  const [order, payment, shipment, history] = await Promise.all([
    ask(OrdersService.method.getOrder),
    part("payment", PaymentsService.method.getPaymentByOrder),
    part("shipment", ShippingService.method.getShipmentByOrder),
    part("history", OrdersService.method.listOrderHistory),
  ]);
  const message = create(GetOrderDetailsResponseSchema, {
    order: order.order,
    payment: payment?.payment,
    shipment: shipment?.shipment,
    history: history?.entries ?? [],
    missing: missing.sort(),
  });
  return { message };
}

/** Returns whether JSON can represent the message. A time beyond the year 9999 in one part must not fail the whole. */
function isJson<O extends DescMessage>(schema: O, message: MessageShape<O>): boolean {
  try {
    toJson(schema, message);
    return true;
  } catch {
    return false;
  }
}
