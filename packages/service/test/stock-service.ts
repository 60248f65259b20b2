import { text } from "@kontor/config";
import { type Implementation, implement } from "@kontor/rpc";
import { InventoryService, UsersService } from "@kontor/sample";
import { rowsOf } from "@kontor/testing";
import { type Background, defineService, type System } from "../src/index.ts";

const system: System = {
  topology: { streams: [], consumers: [], formerly: { from: "before", to: "sample" } },
  issuer: {
    address: text("USERS_ADDRESS", { default: "127.0.0.1:5051", doc: "gRPC address of users." }),
    keys: (client, address) => {
      const users = client(UsersService, address);
      return async () => {
        await users.getJwks({}, { timeoutMs: 2_000 });
        return { keys: [] };
      };
    },
  },
};

/** The recorded steps, in order. */
export const diary: string[] = [];

const background: Background = {
  start: () => diary.push("background started"),
  stop: () => diary.push("background stopped"),
};

/** A service that serves GetAvailability from its own database. */
export const stockService = defineService({
  name: "inventory",
  system,
  settings: { motto: text("MOTTO", { default: "ready to serve", doc: "What it lives by." }) },
  migrations: new URL("./migrations/", import.meta.url),
  async build({ db, config, client }) {
    diary.push(config.motto);
    await db.query("INSERT INTO stock VALUES ('A', 7) ON CONFLICT DO NOTHING");
    // A service that takes a free port does not know it yet, and no test calls port 1.
    const self = client(InventoryService, `127.0.0.1:${config.grpcPort || 1}`);
    const missing = () => self.getAvailability({ sku: "slow" });
    const others = Object.fromEntries(InventoryService.methods.map(({ localName }) => [localName, missing]));
    const getAvailability = async ({ sku }: { sku: string }) => {
      if (sku === "slow") await db.query("SELECT pg_sleep(0.5)");
      const [row] = await rowsOf<{ available: bigint }>(db, "SELECT available FROM stock WHERE sku = 'A'");
      diary.push(`answered ${sku}`);
      return { availability: { sku, remaining: Number(row?.available ?? 0n) } };
    };
    const reserveStock = async ({ orderId }: { orderId: string }) => ({ reservation: { orderId } });
    const handlers = { ...others, getAvailability, reserveStock } as never;
    const services: Implementation[] = [implement(InventoryService, handlers)];
    return { services, background: [background] };
  },
});
