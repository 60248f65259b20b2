import { createClient } from "@kontor/rpc";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { attempt, run } from "../run.ts";
import { type Act, type Outcome, RELEASE } from "../world.ts";

const method = "shop.catalog.v1.CatalogService/ListProducts";

/** Calls a service inside of the cluster, as in NOTES.txt: by grpcurl, or by a client of Kontor where there is none. */
export const grpc: Act = {
  name: "grpc",
  about: "a service inside, called through a forwarded port",
  async run({ kube }) {
    const grpcurl = await attempt("grpcurl", ["-version"]).catch(() => undefined);
    return kube.forward(`service/${RELEASE}-catalog`, 50051, async (port) => {
      const address = `127.0.0.1:${port}`;
      if (grpcurl?.code !== 0) return outcome({ by: "a client of ours" }, await askOurselves(address));
      const services = (await run("grpcurl", ["-plaintext", address, "list"])).trim().split("\n");
      const health = JSON.parse(await run("grpcurl", ["-plaintext", address, "grpc.health.v1.Health/Check"]));
      const { products = [] } = JSON.parse(await run("grpcurl", ["-plaintext", address, method]));
      const ill = health.status === "SERVING" ? [] : [`the health of catalog is ${health.status}`];
      return outcome({ by: "grpcurl", services: services.length }, products.length, ill);
    });
  },
};

function outcome(facts: Outcome["facts"], products: number, ill: readonly string[] = []): Outcome {
  const problems = products > 0 ? ill : [...ill, "catalog lists no product"];
  return { facts: { ...facts, products }, problems };
}

async function askOurselves(address: string): Promise<number> {
  using catalog = createClient(CatalogService, { address });
  return (await catalog.listProducts({})).products.length;
}
