import { optionalText, type Settings, type UrlRules, urls } from "@kontor/config";

const rules: UrlRules = { protocols: ["nats", "tls"], userInfo: true };

const doc =
  "NATS servers of one cluster, separated by commas: `nats://[user:password@]host:port`, or `tls://…`, which refuses a server without TLS.";

/** Returns the settings of a connection to NATS; without `fallback` the process may run without one. */
export function natsSettings(fallback: readonly string[], use = "") {
  return {
    natsUrl: urls("NATS_URL", { ...rules, secret: true, default: fallback, doc: `${doc}${use}` }),
    natsUser: optionalText("NATS_USER", { doc: "User of NATS; replaces user information in NATS_URL." }),
    natsPassword: optionalText("NATS_PASSWORD", { secret: true, doc: "Password of NATS_USER." }),
    natsCaFile: optionalText("NATS_CA_FILE", {
      doc: "Path of the PEM file of the CA that signed the servers' certificates. Demands TLS.",
    }),
    natsCertFile: optionalText("NATS_CERT_FILE", {
      doc: "Path of the PEM file of the client's certificate, for servers that require one. Requires TLS.",
    }),
    natsKeyFile: optionalText("NATS_KEY_FILE", { doc: "Path of the PEM file of that certificate's key." }),
  } satisfies Settings;
}

/** The values of {@link natsSettings}. */
export interface NatsConfig {
  /** Servers of one cluster. `tls://` requires TLS. */
  readonly natsUrl: readonly string[];
  /** Default: the one in the URL, else none. */
  readonly natsUser?: string | undefined;
  /** Default: the one in the URL, else none. */
  readonly natsPassword?: string | undefined;
  /** Path of the CA that signed the certificate of the servers. Default: those of Node. */
  readonly natsCaFile?: string | undefined;
  /** Path of a client certificate. Default: none. */
  readonly natsCertFile?: string | undefined;
  /** Path of its private key. Default: none. */
  readonly natsKeyFile?: string | undefined;
}
