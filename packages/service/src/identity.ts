import { list, optionalText, type Settings } from "@kontor/config";
import {
  acceptSharedToken,
  type CallerIdentity,
  type CallerVerifier,
  createCallerVerifier,
  folderIdentity,
  keysFromCluster,
  keysFromFile,
  noCallers,
  type OnBadKey,
  type ServiceKeySource,
  signedIdentity,
} from "@kontor/policy";
import { counter, type Logger } from "@kontor/telemetry";
import type { ProcessConfig } from "./process-settings.ts";

/** How services know each other: docs/decisions/0021-service-identity.md. */
export const identitySettings = {
  serviceKeyFile: optionalText("SERVICE_KEY_FILE", {
    doc: "Path of the private key (a JWK, Ed25519) that the service signs its tokens with; read again when it is replaced.",
  }),
  serviceTokenFolder: optionalText("SERVICE_TOKEN_FOLDER", {
    doc: "Folder of tokens that were issued to the service, one file for each gRPC service that it calls, by its full name; read again when they are renewed. Instead of SERVICE_KEY_FILE.",
  }),
  serviceKeys: optionalText("SERVICE_KEYS", {
    doc: "The public keys of callers: path of a key set that is read again, or https URL of a cluster's `/openid/v1/jwks`. Without it no service may call.",
  }),
  serviceKeysAccess: optionalText("SERVICE_KEYS_ACCESS", {
    doc: "Folder with `token` and `ca.crt` for an https URL in SERVICE_KEYS.",
  }),
  serviceSubjectPrefix: optionalText("SERVICE_SUBJECT_PREFIX", {
    doc: "The prefix of the service's name in `sub` of a caller's token, such as `system:serviceaccount:shop:kontor-`. Default: nothing.",
  }),
  serviceIssuers: list("SERVICE_ISSUERS", {
    default: [],
    doc: "Issuers of callers' tokens that are accepted next to the one that SERVICE_KEYS names, while an issuer is replaced.",
  }),
  serviceGroups: optionalText("SERVICE_GROUPS", {
    doc: 'JSON object from an account to the services that share it, such as `{"storefront": ["users", "catalog"]}`: pods that run several services. A caller with its token names one of them. Default: an account for each service.',
  }),
  internalToken: optionalText("KONTOR_INTERNAL_TOKEN", {
    secret: true,
    doc: "The token by which versions before service tokens know each other: accepted and sent next to those while it is set. Set it only during such an upgrade.",
  }),
} satisfies Settings;

type IdentityConfig = ProcessConfig<typeof identitySettings>;

/**
 * Returns the identity of the service, or undefined if its settings name none. With `sharesAccount` its process runs other services too.
 *
 * @throws Error naming the setting
 */
export function callerIdentity(
  service: string,
  config: IdentityConfig,
  now: () => number,
  sharesAccount = false,
): CallerIdentity | undefined {
  const { serviceKeyFile: keyFile, serviceTokenFolder: folder, internalToken: sharedToken } = config;
  if (keyFile !== undefined && folder !== undefined)
    throw new Error("SERVICE_KEY_FILE and SERVICE_TOKEN_FOLDER exclude each other. Set one of them.");
  if (folder !== undefined) return folderIdentity({ service, folder, sharesAccount, sharedToken, now });
  if (keyFile !== undefined)
    return named("SERVICE_KEY_FILE", () => signedIdentity({ service, keyFile, sharedToken, now }));
  if (sharedToken === undefined) return undefined;
  return { service, sharedToken, tokenFor: () => undefined, renew: () => {} };
}

/** Returns the verifier of calling services. @throws Error naming the setting that cannot be used */
export function callerVerifier(config: IdentityConfig, log: Pick<Logger, "warn">, now: () => number): CallerVerifier {
  const keys = keySource(config);
  const { serviceSubjectPrefix: subjectPrefix, serviceIssuers: issuers } = config;
  const groups = groupsIn(config.serviceGroups);
  const onBadKey: OnBadKey = (kid, err) => log.warn({ kid, err }, "malformed caller key skipped");
  const verify = keys ? createCallerVerifier({ keys, subjectPrefix, issuers, groups, onBadKey, now }) : noCallers;
  if (config.internalToken === undefined) return verify;
  const used = counter(
    "kontor_rpc_server_shared_token_calls_total",
    "Internal calls that only the shared token of earlier versions let pass.",
  );
  return acceptSharedToken(verify, config.internalToken, () => used.inc());
}

/** Returns the groups of a setting. @throws Error when it is no JSON object of lists */
function groupsIn(text = "{}"): Readonly<Record<string, readonly string[]>> {
  const groups: unknown = named("SERVICE_GROUPS", () => JSON.parse(text));
  if (!isGroups(groups)) throw new Error(`SERVICE_GROUPS is no JSON object from names to lists of names: ${text}`);
  return groups;
}

function isGroups(value: unknown): value is Record<string, string[]> {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((names) => Array.isArray(names) && names.every((name) => typeof name === "string"));
}

function keySource({ serviceKeys: place, serviceKeysAccess: access }: IdentityConfig): ServiceKeySource | undefined {
  if (place === undefined) return undefined;
  if (!URL.canParse(place)) return keysFromFile(place);
  if (!place.startsWith("https://")) throw new Error(`SERVICE_KEYS is neither a path nor an https URL: ${place}`);
  if (access === undefined)
    throw new Error("SERVICE_KEYS is a URL: set SERVICE_KEYS_ACCESS to the folder of its credentials.");
  return keysFromCluster(place, access);
}

function named<T>(setting: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw new Error(`${setting} cannot be used: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
