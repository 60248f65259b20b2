import { join } from "node:path";
import { openKeyFolder } from "@kontor/policy/key-folder";
import { type ServiceName, serviceNames, services } from "@kontor/shop";
import type { Secrets } from "../data/secrets.ts";
import { natsUrl } from "./nats.ts";
import type { ProcessSpec } from "./node-process.ts";
import type { Ports } from "./ports.ts";
import { databaseUrl, ownerUrl } from "./postgres.ts";

export const STAFF_EMAIL = "staff@kontor.example";

/** Where the keys are that services prove their names with. */
export const identityFolder = (dataDir: string) => join(dataDir, "identity");

const at = (port: number) => `127.0.0.1:${port}`;

/** What the gateway allows callers. */
export type EdgeOptions = { readonly corsOrigins: readonly string[]; readonly rateLimits: boolean };

/** Every process of ours in the order of their start: simulators of external systems, the services, the gateway. */
export function processes(ports: Ports, secrets: Secrets, dataDir: string, edge: EdgeOptions): ProcessSpec[] {
  const keys = openKeyFolder(identityFolder(dataDir), serviceNames);
  return [...outsideWorld(ports, secrets, dataDir), ...serviceNames.map(service), gateway(ports, secrets, edge)];

  function service(name: ServiceName): ProcessSpec {
    const metrics = ports[`${name}Metrics`];
    const addresses = serviceNames.map((other) => [`${other.toUpperCase()}_ADDRESS`, at(ports[other])]);
    return {
      name,
      readyUrl: `http://${at(metrics)}/readyz`,
      env: {
        GRPC_PORT: String(ports[name]),
        METRICS_PORT: String(metrics),
        DATABASE_URL: databaseUrl(name, ports, secrets),
        DATABASE_OWNER_URL: ownerUrl(name, ports, secrets),
        NATS_URL: natsUrl(ports, secrets, name),
        SERVICE_KEY_FILE: keys.keyFileOf(name),
        SERVICE_KEYS: keys.keysFile,
        ...tokens,
        ...Object.fromEntries(addresses),
        ...extras(ports, secrets)[name],
      },
    };
  }
}

const tokens = { TOKEN_ISSUER: "https://kontor.example", TOKEN_AUDIENCE: "kontor" };

function extras(ports: Ports, secrets: Secrets): Partial<Record<ServiceName, Record<string, string>>> {
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

function gateway(ports: Ports, secrets: Secrets, { corsOrigins, rateLimits }: EdgeOptions): ProcessSpec {
  const upstreams = serviceNames.map((name) => [services[name].contract, at(ports[name])]);
  return {
    name: "gateway",
    readyUrl: `http://${at(ports.gatewayMetrics)}/readyz`,
    env: {
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: String(ports.gateway),
      METRICS_PORT: String(ports.gatewayMetrics),
      GATEWAY_UPSTREAMS: JSON.stringify(Object.fromEntries(upstreams)),
      CORS_ORIGINS: corsOrigins.join(","),
      ...(rateLimits ? {} : { GATEWAY_RATE_LIMITS: JSON.stringify(unlimited) }),
      NATS_URL: natsUrl(ports, secrets, "gateway"),
      ...tokens,
    },
  };
}

/**
 * Returns the gateway that the assortment is imported through. It has no limits and counts in its own memory, so that the accounts of the import
 * are not over their limits afterwards.
 */
export function importGateway(ports: Ports, secrets: Secrets): ProcessSpec {
  const { env, ...spec } = gateway(ports, secrets, { corsOrigins: [], rateLimits: false });
  const { NATS_URL: _, ...alone } = env;
  return { ...spec, env: alone };
}

function outsideWorld(ports: Ports, secrets: Secrets, dataDir: string): ProcessSpec[] {
  const webhooks = `http://${at(ports.gateway)}/api/v1/webhooks`;
  return [
    {
      name: "psp-simulator",
      readyUrl: `http://${at(ports.psp)}/healthz`,
      env: {
        PORT: String(ports.psp),
        DATA_DIR: join(dataDir, "psp"),
        API_KEY: secrets.pspApiKey,
        WEBHOOK_URL: `${webhooks}/payments/psp`,
        WEBHOOK_SECRET: secrets.pspWebhookSecret,
      },
    },
    {
      name: "carrier-simulator",
      readyUrl: `http://${at(ports.carrier)}/healthz`,
      env: {
        PORT: String(ports.carrier),
        DATA_DIR: join(dataDir, "carrier"),
        API_KEY: secrets.carrierApiKey,
        WEBHOOK_URL: `${webhooks}/shipping/carrier`,
        WEBHOOK_SECRET: secrets.carrierWebhookSecret,
        STEP_MS: "2000",
      },
    },
    {
      name: "mail-sink",
      readyUrl: `http://${at(ports.mailPage)}/healthz`,
      env: {
        SMTP_PORT: String(ports.mailSmtp),
        HTTP_PORT: String(ports.mailPage),
        DATA_DIR: join(dataDir, "mail"),
      },
    },
  ];
}
