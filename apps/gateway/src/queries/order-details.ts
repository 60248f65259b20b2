import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  type GetOrderDetailsRequest,
  GetOrderDetailsResponseSchema,
  OrderDetailsService,
} from "@kontor/contracts/gateway/v1/order_details_service";
import { OrdersService } from "@kontor/contracts/orders/v1/orders_service";
import { PaymentsService } from "@kontor/contracts/payments/v1/payments_service";
import { ShippingService } from "@kontor/contracts/shipping/v1/shipping_service";
import { type Answer, type Call, RpcError, Status } from "@kontor/transcoder";
import type { Upstreams } from "../outbound/upstreams.ts";

/** Adds the service that the gateway serves itself: an order with all that belongs to it, asked for at the same time. */
export function withOrderDetails(upstreams: Upstreams): Upstreams {
  return {
    ...upstreams,
    serves: (service) => upstreams.serves(isOwn(service) ? OrdersService : service),
    call: (call) => (isOwn(call.method.parent) ? orderDetails(upstreams, call) : upstreams.call(call)),
  };
}

const isOwn = ({ typeName }: DescService) => typeName === OrderDetailsService.typeName;

async function orderDetails(upstreams: Upstreams, call: Call): Promise<Answer> {
  const { orderId } = call.message as GetOrderDetailsRequest;
  const missing: string[] = [];
  async function ask<I extends DescMessage, O extends DescMessage>(
    method: DescMethod & { input: I; output: O },
  ): Promise<MessageShape<O>> {
    const message = create(method.input, { orderId } as object as MessageInitShape<I>);
    return (await upstreams.call({ ...call, method, message })).message as MessageShape<O>;
  }
  /** The part, or nothing: because there is none yet, or because it cannot be read now, and then it is named. */
  async function part<T>(name: string, asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (error.code !== Status.NOT_FOUND) missing.push(name);
      return undefined;
    }
  }
  const [order, payment, shipment, history] = await Promise.all([
    ask(OrdersService.method.getOrder),
    part("payment", ask(PaymentsService.method.getPaymentByOrder)),
    part("shipment", ask(ShippingService.method.getShipmentByOrder)),
    part("history", ask(OrdersService.method.listOrderHistory)),
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
