import { ConfigError, type ConfigProblem, checkUrl } from "@kontor/config";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import type { NatsConfig } from "./settings.ts";

const PORT = 4222;

/**
 * Returns the connection options of a client called `name` by the settings: servers, credentials, TLS, and the inbox prefix
 * `_INBOX.<name>`, which is the only one a user of that name may subscribe to.
 *
 * ```ts
 * connectOptions("orders", { natsUrl: ["nats://127.0.0.1:4222"] }).inboxPrefix; // "_INBOX.orders"
 * ```
 *
 * @throws ConfigError with all settings that contradict each other or cannot be applied. It quotes no URL.
 */
export function connectOptions(name: string, config: NatsConfig): NodeConnectionOptions {
  const problems: ConfigProblem[] = [];
  const refuse = (variable: string, problem: string, remedy: string) =>
    void problems.push({ variable, problem, remedy });
  const servers = config.natsUrl.flatMap((text) => {
    const checked = checkUrl(text, { protocols: ["nats", "tls"], userInfo: true });
    if ("value" in checked) return [new URL(text)];
    refuse("NATS_URL", checked.problem, "Set it to nats://host:port or tls://host:port.");
    return [];
  });
  const schemes = new Set(servers.map(({ protocol }) => protocol));
  if (schemes.size > 1)
    refuse("NATS_URL", "names servers with and without TLS", "Write tls:// for all servers, or nats:// for all.");
  const options = {
    name,
    inboxPrefix: `_INBOX.${name}`,
    servers: servers.map(({ hostname, port }) => `${hostname}:${port || PORT}`),
    ...credentials(servers, config, refuse),
    ...tls(schemes.has("tls:"), config, refuse),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return options;
}

type Refuse = (variable: string, problem: string, remedy: string) => void;

function credentials(servers: readonly URL[], { natsUser, natsPassword }: NatsConfig, refuse: Refuse) {
  const written = new Set(servers.map(({ username, password }) => `${username}:${password}`));
  if (written.size > 1)
    refuse(
      "NATS_URL",
      "holds different user information for its servers",
      "Write the same for every server of the cluster.",
    );
  const [{ username = "", password = "" } = {}] = servers;
  const inUrl = username !== "" || password !== "";
  if (natsPassword && !natsUser) refuse("NATS_PASSWORD", "is set without NATS_USER", "Set both, or none.");
  if (natsUser && inUrl)
    refuse("NATS_USER", "is set although NATS_URL holds user information", "Write it in one place.");
  if (natsUser) return { user: natsUser, ...(natsPassword && { pass: natsPassword }) };
  if (!inUrl) return {};
  if (username === "") refuse("NATS_URL", "holds a password without a user", "Write nats://user:password@host:port.");
  const user = decodeURIComponent(username);
  return password === "" ? { token: user } : { user, pass: decodeURIComponent(password) };
}

function tls(demanded: boolean, { natsCaFile, natsCertFile, natsKeyFile }: NatsConfig, refuse: Refuse) {
  if (natsKeyFile && !natsCertFile) refuse("NATS_KEY_FILE", "is set without NATS_CERT_FILE", "Set both, or none.");
  if (natsCertFile && !natsKeyFile) refuse("NATS_CERT_FILE", "is set without NATS_KEY_FILE", "Set both, or none.");
  if (!demanded && !natsCaFile && !natsCertFile) return {};
  return {
    tls: {
      ...(natsCaFile && { caFile: natsCaFile }),
      ...(natsCertFile && { certFile: natsCertFile }),
      ...(natsKeyFile && { keyFile: natsKeyFile }),
    },
  };
}
