import { formerName } from "@kontor/nats";
import { noCallers } from "@kontor/policy";
import { createServer, formerMethod, implement } from "@kontor/rpc";
import { topology } from "@kontor/shop";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { createLogger } from "@kontor/telemetry";
import { afterAll, expect, it } from "vitest";
import { startShop } from "./shop.ts";

const former = formerMethod(CatalogService.method.getProduct, (name) => formerName(topology, name))?.parent;
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

/** Starts catalog as the version before served it, with one product. */
async function olderCatalog(): Promise<string> {
  if (former === undefined) throw new Error("The service has no former name.");
  const getProduct = async () => ({ product: { id: "P-1", title: "Cup", version: 1 } });
  const handlers = new Proxy({} as never, { get: () => getProduct });
  const server = createServer({
    services: [implement(former, handlers)],
    policy: { verifyToken: () => Promise.reject(new Error("No test sends a token.")), verifyCaller: noCallers },
    log: createLogger({ service: "catalog", level: "silent" }),
  });
  stops.push(() => server.drain(0));
  return `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
}

it.skipIf(former === undefined)(
  "a service of the version before is reached, by a setting that names it as that version did",
  async () => {
    const address = await olderCatalog();
    const shop = await startShop({ upstreams: JSON.stringify({ [former?.typeName ?? ""]: address }) });
    stops.push(() => shop.stop());
    for (const _ of [1, 2]) {
      const answer = await shop.fetch("/api/v1/products/P-1");
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ title: "Cup" });
    }
    expect(shop.seen).toEqual([]);
  },
);
