import { fileURLToPath } from "node:url";
import type { ProcessConfig } from "@kontor/service";
import type { settings } from "../src/config.ts";
import { loadContracts } from "../src/contracts.ts";
import { type Shop, startShop } from "./shop.ts";

const descriptors = fileURLToPath(new URL("notes.binpb", import.meta.url));

/** A gateway that serves test/proto, whose RPCs carry every option that the edge itself acts on. */
export interface Notes extends Shop {
  /** Sends a request as a user with all scopes, or as the given user. */
  ask(method: string, path: string, options?: Asking): Promise<Response>;
}

/** The parts of a request other than its path. */
export interface Asking {
  readonly as?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Starts it in front of services with scripted responses. */
export async function startNotes(config: Partial<ProcessConfig<typeof settings>> = {}): Promise<Notes> {
  const service = (await loadContracts(descriptors)).getService("kontor.test.v1.NotesService");
  if (service === undefined) throw new Error("test/compile.sh makes the contract");
  const rateLimits = '{"scarce":{"limit":10,"windowSeconds":3600}}';
  const shop = await startShop({ descriptors, rateLimits, ...config }, [service]);
  return Object.assign(shop, {
    ask(method: string, path: string, { as = "ada", body, headers = {}, signal }: Asking = {}) {
      const token = shop.token(as, "notes.read notes.write");
      return shop.fetch(path, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    },
  });
}
