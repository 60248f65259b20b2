import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { type Auth, auth, idempotency, timeout } from "@kontor/contracts/options/v1/options";
import { type FieldReader, readField } from "./field.ts";

/** The deadline of a unary method, in milliseconds, if its contract sets none. Streams have none. */
export const DEFAULT_TIMEOUT_MS = 15_000;

/** The permitted callers of a method. `scopes` and the owner belong to `user`, `callers` to `internal`. */
export interface MethodAuth {
  /** `public`: anyone. `user`: a valid token. `internal`: the services in `callers`. */
  readonly kind: "public" | "user" | "internal";
  /** All of them must be on the token. */
  readonly scopes: readonly string[];
  /** Whether callers without a token are let in, too. */
  readonly guests: boolean;
  /** Path of the request field that must equal the subject, in proto names such as `cart.user_id`. */
  readonly ownerField?: string;
  /** A caller with this scope need not be the owner. */
  readonly ownerBypassScope?: string;
  /** Names of the services that may call. */
  readonly callers: readonly string[];
  /** Reads the owner from a request. */
  readonly owner?: FieldReader;
}

/** How a repeated call is recognised. */
export interface MethodIdempotency {
  /** Whether a call without a key is refused. */
  readonly required: boolean;
  /** Path of the request field that carries the key, in proto names; empty when only the header does. */
  readonly field: string;
  /** Reads the key from a request; always empty without a field. */
  readonly key: FieldReader;
}

/** The declarations of a contract about one method. */
export interface MethodPolicy {
  /** Path of the method on the wire, such as `/shop.orders.v1.OrdersService/PlaceOrder`. */
  readonly path: string;
  /** The permitted callers. */
  readonly auth: MethodAuth;
  /** How a repeated call is recognised; absent if the method has no keys. */
  readonly idempotency?: MethodIdempotency;
  /** The longest a call may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** A contract that declares no policy, or one that contradicts itself. A bug of the contract, found when the process starts. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}

const known = new WeakMap<DescMethod, MethodPolicy>();

/**
 * Reads the policy of a method from its options (`kontor.options.v1`). The result is cached per method.
 *
 * ```ts
 * import { OrdersService } from "@kontor/sample";
 * methodPolicy(OrdersService.method.placeOrder).auth.scopes;
 * ```
 *
 * @throws PolicyError naming the RPC if `auth` is absent or ambiguous, or names an unknown field.
 */
export function methodPolicy(method: DescMethod): MethodPolicy {
  const remembered = known.get(method);
  if (remembered) return remembered;
  const policy = read(method);
  known.set(method, policy);
  return policy;
}

/** Returns whether the method declares `auth` at all. */
export function declaresAuth(method: DescMethod): boolean {
  return hasOption(method, auth);
}

function read(method: DescMethod): MethodPolicy {
  const name = `${method.parent.typeName}/${method.name}`;
  if (!declaresAuth(method)) throw new PolicyError(`${name} declares no (kontor.options.v1.auth).`);
  try {
    const key = hasOption(method, idempotency) ? getOption(method, idempotency) : undefined;
    return {
      path: `/${name}`,
      auth: readAuth(method, getOption(method, auth)),
      ...(key && {
        idempotency: {
          required: key.required,
          field: key.field,
          key: key.field === "" ? () => "" : readField(method.input, key.field),
        },
      }),
      timeoutMs: readTimeout(method),
    };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new PolicyError(`${name}: ${problem}`, { cause });
  }
}

function readAuth(method: DescMethod, declared: Auth): MethodAuth {
  const kinds = [
    declared.public && ("public" as const),
    declared.scopes.length > 0 && ("user" as const),
    declared.callers.length > 0 && ("internal" as const),
  ].filter((kind) => kind !== false);
  const [kind, ...others] = kinds;
  if (!kind) throw new PolicyError("auth sets none of public, scopes and callers.");
  if (others.length > 0) throw new PolicyError("auth sets more than one of public, scopes and callers.");
  if (declared.ownerField !== "" && kind !== "user")
    throw new PolicyError(`auth.owner_field makes no sense on a ${kind} RPC.`);
  if (declared.ownerBypassScope !== "" && declared.ownerField === "")
    throw new PolicyError("auth.owner_bypass_scope needs auth.owner_field.");
  if (declared.guests && kind !== "user") throw new PolicyError("auth.guests needs auth.scopes.");
  if (declared.guests && declared.ownerField !== "") throw new PolicyError("auth.guests excludes auth.owner_field.");
  return {
    kind,
    scopes: declared.scopes,
    guests: declared.guests,
    callers: declared.callers,
    ...(declared.ownerField !== "" && {
      ownerField: declared.ownerField,
      owner: readField(method.input, declared.ownerField),
    }),
    ...(declared.ownerBypassScope !== "" && {
      ownerBypassScope: declared.ownerBypassScope,
    }),
  };
}

function readTimeout(method: DescMethod): number {
  if (!hasOption(method, timeout)) return method.methodKind === "unary" ? DEFAULT_TIMEOUT_MS : Number.POSITIVE_INFINITY;
  const { seconds, nanos } = getOption(method, timeout);
  const timeoutMs = Number(seconds) * 1000 + nanos / 1e6;
  if (timeoutMs <= 0) throw new PolicyError("timeout must be positive.");
  return timeoutMs;
}
