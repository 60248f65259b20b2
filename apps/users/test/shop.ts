import { Writable } from "node:stream";
import { type Database, openDatabase } from "@kontor/postgres";
import { createClient, type RpcClient } from "@kontor/rpc";
import { type RunningService, startService } from "@kontor/service";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { createLogger } from "@kontor/telemetry";
import { createServiceIdentities, startNats, startPostgres } from "@kontor/testing";
import { usersApp } from "../src/app.ts";

export const STAFF = { email: "boss@kontor.example", password: "seeded staff secret" };
const identities = createServiceIdentities(["orders", "catalog", "gateway"]);

export const PASSWORD = "correct horse battery";

type Config = Parameters<typeof startService<typeof usersApp.settings>>[1];
export type UsersClient = RpcClient<typeof UsersService>;

/** A users service over real servers, and its environment in tests. */
export interface Shop {
  readonly users: UsersClient;
  readonly db: Database;
  /** Every line the service has logged, down to trace. */
  readonly logged: () => string;
  /** Another replica on the same database. */
  replica(overrides?: Config): Promise<UsersClient>;
  /** A client that calls as another service. */
  as(caller: string): UsersClient;
  register(name: string): Promise<{ userId: string; email: string }>;
  signIn(email: string, password?: string): Promise<SignedIn>;
  stop(): Promise<void>;
}

export interface SignedIn {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Call options that carry the access token. */
  readonly auth: { readonly metadata: { readonly authorization: string } };
}

export const bearer = (token: string) => ({ metadata: { authorization: `Bearer ${token}` } });

export async function openShop(overrides: Config = {}): Promise<Shop> {
  const [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
  const { url, runUrl } = await postgres.createDatabase("users", { owner: true });
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLogger({ service: "users", level: "trace" }, sink);
  const config: Config = {
    databaseUrl: runUrl,
    databaseOwnerUrl: url,
    natsUrl: [nats.url],
    serviceKeys: identities.keysFile,
    staffEmail: STAFF.email,
    staffPassword: STAFF.password,
    ...overrides,
  };
  const started: RunningService[] = [];
  const clients: Disposable[] = [];
  const client = (port: number, caller: string) => {
    const address = `127.0.0.1:${port}`;
    const made = createClient(UsersService, { address, identity: identities.of(caller), timeoutMs: 20_000 });
    clients.push(made);
    return made;
  };
  const start = async (changed: Config = {}) => {
    const service = await startService(usersApp, { ...config, ...changed }, log);
    started.push(service);
    return service.grpcPort;
  };

  const port = await start();
  const users = client(port, "gateway");
  const db = openDatabase({ url, service: "test", max: 2 });
  return {
    users,
    db,
    logged: () => lines.join(""),
    replica: async (changed) => client(await start(changed), "gateway"),
    as: (caller) => client(port, caller),
    async register(name) {
      const email = `${name}@example.com`;
      const { user } = await users.register({ email, password: PASSWORD, displayName: name });
      return { userId: user?.id ?? "", email };
    },
    async signIn(email, password = PASSWORD) {
      const { session } = await users.login({ email, password });
      if (!session) throw new Error("There is no session.");
      const { userId, accessToken, refreshToken } = session;
      return { userId, accessToken, refreshToken, auth: bearer(accessToken) };
    },
    async stop() {
      for (const each of clients) each[Symbol.dispose]();
      for (const each of started) await each.stop();
      await db.close();
      await postgres.stop();
      await nats.stop();
    },
  };
}
