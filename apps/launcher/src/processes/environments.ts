import type { KeyFolder } from "@kontor/policy/key-folder";
import {
  type AppName,
  addressWithin,
  connectionSettings,
  type ProcessGroup,
  type ServiceName,
  serviceNames,
  services,
} from "@kontor/shop/processes";
import type { Secrets } from "../data/secrets.ts";
import { natsUrl } from "./nats.ts";
import type { Ports } from "./ports.ts";
import { databaseUrl, ownerUrl } from "./postgres.ts";

export const STAFF_EMAIL = "staff@kontor.example";

/** The inputs of an app's environment. */
export type AppEnvironment = {
  readonly group: ProcessGroup;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly keys: KeyFolder;
  /** The limits of the gateway for callers. */
  readonly options: { readonly corsOrigins: readonly string[]; readonly rateLimits: boolean };
};

type Environment = Record<string, string>;

const tokens = { TOKEN_ISSUER: "https://kontor.example", TOKEN_AUDIENCE: "kontor" };
const at = (port: number) => `127.0.0.1:${port}`;

/** Returns the settings of an app within its group, as if it were a process of its own. */
export function environmentOf(app: AppName, facts: AppEnvironment): Environment {
  return app === "gateway" ? gateway(facts) : service(app, facts);
}

function service(name: ServiceName, { group, ports, secrets, keys }: AppEnvironment): Environment {
  const addresses = serviceNames.map((other) => [
    `${other.toUpperCase()}_ADDRESS`,
    addressWithin(group, other, at(ports[other])),
  ]);
  return {
    GRPC_PORT: String(ports[name]),
    METRICS_PORT: String(ports[`${name}Metrics`]),
    DATABASE_URL: databaseUrl(name, ports, secrets),
    DATABASE_OWNER_URL: ownerUrl(name, ports, secrets),
    ...connectionSettings(group, name),
    NATS_URL: natsUrl(ports, secrets, name),
    SERVICE_KEY_FILE: keys.keyFileOf(name),
    SERVICE_KEYS: keys.keysFile,
    ...tokens,
    ...Object.fromEntries(addresses),
    ...extras(ports, secrets)[name],
  };
}

function extras(ports: Ports, secrets: Secrets): Partial<Record<ServiceName, Environment>> {
  return {
    users: { STAFF_EMAIL, STAFF_PASSWORD: secrets.staffPassword, SIGNING_KEY_SECRET: secrets.signingKeySecret },
    payments: {
      PSP_URL: `http://${at(ports.psp)}`,
      PSP_API_KEY: secrets.pspApiKey,
      PSP_WEBHOOK_SECRET: secrets.pspWebhookSecret,
    },
    shipping: {
      CARRIER_URL: `http://${at(ports.carrier)}`,
      CARRIER_API_KEY: secrets.carrierApiKey,
      CARRIER_WEBHOOK_SECRET: secrets.carrierWebhookSecret,
    },
    notifications: { SMTP_URL: `smtp://${at(ports.mailSmtp)}`, MAIL_FROM: "Kontor <shop@kontor.example>" },
  };
}

/** For imports and benchmarks, all of whose requests come from one address or one account. */
const limit = 10_000_000;
const unlimited = {
  default: { limit },
  orders: { limit },
  credentials: { limit },
  sessions: { limit },
  webhooks: { limit },
};

function gateway({ group, ports, secrets, options: { corsOrigins, rateLimits } }: AppEnvironment): Environment {
  const upstreams = serviceNames.map((name) => [services[name].contract, addressWithin(group, name, at(ports[name]))]);
  return {
    GATEWAY_HOST: "127.0.0.1",
    GATEWAY_PORT: String(ports.gateway),
    METRICS_PORT: String(ports.gatewayMetrics),
    GATEWAY_UPSTREAMS: JSON.stringify(Object.fromEntries(upstreams)),
    CORS_ORIGINS: corsOrigins.join(","),
    ...(rateLimits ? {} : { GATEWAY_RATE_LIMITS: JSON.stringify(unlimited) }),
    NATS_URL: natsUrl(ports, secrets, "gateway"),
    ...tokens,
  };
}
