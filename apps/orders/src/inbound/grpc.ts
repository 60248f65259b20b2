import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { LANGUAGES, type Language } from "@kontor/errors";
import { type CallContext, type Implementation, implement } from "@kontor/rpc";
import { OrdersService, type PlaceOrderRequest } from "@kontor/shop/contracts/orders/v1/orders_service";
import { present, readText } from "@kontor/text";
import { preferredLanguage } from "@kontor/text/language";
import type { cancelOrder } from "../commands/cancel-order.ts";
import type { createLink } from "../commands/create-link.ts";
import type { endCheckout } from "../commands/end-checkout.ts";
import type { placeOrder } from "../commands/place-order.ts";
import { orderMessage, statusOf } from "../contract/order-message.ts";
import { searchOf } from "../contract/search-request.ts";
import { orderErrors } from "../domain/errors.ts";
import { historyOf } from "../domain/history.ts";
import { isOrderId } from "../domain/order.ts";
import type { OrderLinks, Orders, Sagas } from "../ports.ts";
import type { findOrder, Reader } from "../queries/find-order.ts";
import type { listOrders } from "../queries/list-orders.ts";
import type { orderOfLink } from "../queries/order-of-link.ts";
import type { searchOrders } from "../queries/search-orders.ts";
import type { watchOrder } from "../queries/watch-order.ts";
import { CHECKOUT } from "../sagas/checkout.ts";

type Deps = {
  readonly placeOrder: ReturnType<typeof placeOrder>;
  readonly cancelOrder: ReturnType<typeof cancelOrder>;
  readonly endCheckout: ReturnType<typeof endCheckout>;
  readonly findOrder: ReturnType<typeof findOrder>;
  readonly listOrders: ReturnType<typeof listOrders>;
  readonly searchOrders: ReturnType<typeof searchOrders>;
  readonly watchOrder: ReturnType<typeof watchOrder>;
  readonly orderOfLink: ReturnType<typeof orderOfLink>;
  readonly createLink: ReturnType<typeof createLink>;
  readonly revokeLinks: OrderLinks["revoke"];
  readonly history: Orders["history"];
  /** Returns the id of the order that is named by id or number, which is that of its sagas. */
  readonly sagaIdOf: (named: string) => Promise<string>;
  readonly sagas: Pick<Sagas, "parked" | "resume">;
};

/** OrdersService over gRPC. */
export function ordersService(app: Deps): Implementation {
  return implement(OrdersService, {
    async placeOrder(request, ctx) {
      const { order, replayed } = await app.placeOrder({
        ...placementOf(request, subject(ctx)),
        call: ctx,
        validate: () => ctx.validate(),
      });
      if (replayed) ctx.setHeader("idempotent-replayed", "true");
      return { order: orderMessage(order, languageOf(ctx)) };
    },
    async getOrder({ orderId }, ctx) {
      return { order: orderMessage(await app.findOrder(orderId, reader(ctx)), languageOf(ctx)) };
    },
    async listOrders(request, ctx) {
      const { items, ...next } = await app.listOrders(request);
      return { orders: items.map((order) => orderMessage(order, languageOf(ctx))), ...next };
    },
    async searchOrders(request, ctx) {
      const { items, ...next } = await app.searchOrders(searchOf(request));
      return { orders: items.map((order) => orderMessage(order, languageOf(ctx))), ...next };
    },
    async cancelOrder(request, ctx) {
      const reason = readText(request.reason);
      const order = await app.findOrder(request.orderId, reader(ctx));
      return {
        order: orderMessage(
          await app.cancelOrder({ order, by: subject(ctx), reason, signal: ctx.signal }),
          languageOf(ctx),
        ),
      };
    },
    async listOrderHistory({ orderId }, ctx) {
      const found = await app.findOrder(orderId, reader(ctx));
      const entries = historyOf(await app.history(found.orderId), languageOf(ctx)).map(
        ({ type, description, order, actor, amount }) => ({
          ...{ type, description, version: order.version, status: statusOf(order) },
          at: timestampFromDate(order.updatedAt),
          ...present({ actor: actorFor(reader(ctx), actor) }),
          ...(amount > 0n && { amount: { currency: order.total.currency, minor: amount } }),
        }),
      );
      return { entries };
    },
    async *watchOrder({ orderId }, ctx) {
      const order = await app.findOrder(orderId, reader(ctx));
      const language = languageOf(ctx);
      for await (const current of app.watchOrder(order, ctx.signal)) yield { order: orderMessage(current, language) };
    },
    async openOrder({ token }, ctx) {
      return { order: orderMessage(await app.orderOfLink(token), languageOf(ctx)) };
    },
    async revokeOrderLinks({ orderId }, ctx) {
      const order = await app.findOrder(orderId, { userId: subject(ctx), readsAny: true });
      await app.revokeLinks(order.orderId);
      return {};
    },
    async createOrderLink({ orderId }) {
      return { token: await app.createLink(orderId) };
    },
    async listParkedSagas() {
      const sagas = (await app.sagas.parked()).slice(0, 100);
      return {
        sagas: sagas.map(({ name, id, step, error, since }) => {
          return { name, sagaId: id, step, ...present({ lastError: error }), parkedAt: timestampFromDate(since) };
        }),
      };
    },
    async resumeSaga({ name, ...request }) {
      const sagaId = await app.sagaIdOf(request.sagaId);
      if (!(await app.sagas.resume(name, sagaId))) throw orderErrors.SAGA_NOT_PARKED({ saga: name, sagaId });
      return {};
    },
    async endSaga({ name, ...request }, ctx) {
      const reason = readText(request.reason);
      if (name !== CHECKOUT) throw orderErrors.SAGA_NOT_ENDABLE({ saga: name });
      const sagaId = await app.sagaIdOf(request.sagaId);
      if (!isOrderId(sagaId)) throw orderErrors.SAGA_NOT_PARKED({ saga: name, sagaId });
      return {
        order: orderMessage(
          await app.endCheckout({ orderId: sagaId, by: subject(ctx), reason, signal: ctx.signal }),
          languageOf(ctx),
        ),
      };
    },
  });
}

/** Returns the order request and its key. The hash of the request has the properties in this order. */
function placementOf(request: PlaceOrderRequest, userId: string) {
  const { idempotencyKey: key, shippingAddressId, paymentMethod } = request;
  const items = request.items.map(({ productId, sku = "", quantity, price }) => ({ productId, sku, quantity, price }));
  const orderRequest = {
    userId,
    items,
    shippingAddressId,
    paymentMethod,
    shippingMethod: request.shippingMethod || "standard",
  };
  return { orderRequest, key };
}

/** Customers see the role of an entry's actor; staff also see its id. */
function actorFor({ readsAny }: Reader, actor: string): string {
  const [role = ""] = actor.split(":");
  if (role === "user") return "customer";
  return readsAny ? actor : role;
}

function subject({ principal }: CallContext): string {
  if (principal === undefined) throw new Error("The contract demands scopes, yet there is no principal.");
  return principal.subject;
}

/** The language that the sentences of a response are in, as the request of the client accepts it. */
function languageOf({ metadata }: CallContext): Language {
  return preferredLanguage(metadata.get("accept-language"), LANGUAGES);
}

function reader(ctx: CallContext): Reader {
  return { userId: subject(ctx), readsAny: ctx.principal?.scopes.has("orders.read.any") ?? false };
}
