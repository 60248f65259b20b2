// A gateway written by hand: a handler for each RPC, with Fastify, grpc-js and protobuf-es and their defaults.
import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import Fastify from "fastify";

const client = new Client(process.env.UPSTREAM ?? "", credentials.createInsecure());

function call<I extends DescMessage, O extends DescMessage>(
  method: { parent: { typeName: string }; name: string; input: I; output: O },
  message: MessageShape<I>,
): Promise<JsonValue> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      (request: MessageShape<I>) => Buffer.from(toBinary(method.input, request)),
      (bytes) => fromBinary(method.output, bytes),
      message,
      { deadline: Date.now() + 15_000 },
      (error, answer) =>
        answer ? resolve(toJson(method.output, answer, { alwaysEmitImplicit: true })) : reject(error),
    );
  });
}

const { getProduct, listProducts } = CatalogService.method;
const { placeOrder } = OrdersService.method;
const app = Fastify();
app.get<{ Params: { id: string } }>("/api/v1/products/:id", ({ params }) =>
  call(getProduct, create(getProduct.input, { productId: params.id })),
);
app.get<{ Querystring: { pageSize?: string; pageToken?: string } }>("/api/v1/products", ({ query }) =>
  call(
    listProducts,
    create(listProducts.input, { pageSize: Number(query.pageSize ?? 0), pageToken: query.pageToken ?? "" }),
  ),
);
app.post<{ Body: JsonValue }>("/api/v1/orders", async ({ body }, reply) => {
  reply.code(201);
  return await call(placeOrder, fromJson(placeOrder.input, body));
});
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
