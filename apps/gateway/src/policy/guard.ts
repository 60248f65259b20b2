import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import { isKontorError } from "@kontor/errors";
import {
  authorise,
  createTokenVerifier,
  type Jwks,
  type MethodPolicy,
  methodPolicy,
  type OnBadKey,
  type Principal,
  policyErrors,
  requireIdempotencyKey,
} from "@kontor/policy";
import { type Call, type EdgeCall, type Found, RouteError, singleHeader } from "@kontor/transcoder";
import type { FastifyRequest } from "fastify";
import { decide } from "../decisions.ts";
import { fillIdempotencyKey } from "./idempotency-key.ts";
import { refusal, translated } from "./refusals.ts";
import type { Sessions } from "./sessions.ts";

/** The one place that checks calls by the policy of their contracts. */
export interface Guard {
  /** Returns whether an annotated RPC has routes. @throws RouteError when it declares no callers */
  exposes(method: DescMethod): boolean;
  /** 401 and 403 by scope: before the body is read. */
  admit(call: EdgeCall): Promise<void>;
  /** Returns where an admitted request leads: in the path, `me` is the id of the user who makes it. */
  locate(call: EdgeCall): Found;
  /** The idempotency key and 403 by owner: once the message is there. */
  check(call: Call): void;
  timeoutOf(method: DescMethod): number | undefined;
  /** Loads the keys of tokens unless they are loaded. @throws KontorError UNAVAILABLE (KEYS_UNAVAILABLE) */
  loadKeys(): Promise<void>;
  /** Returns the principal of an admitted request. */
  principalOf(request: FastifyRequest): Principal | undefined;
}

/** The dependencies of the guard. */
export interface GuardOptions {
  /** Serve contracts without our options, to anyone. */
  readonly off: boolean;
  readonly issuer: string;
  readonly audience: string;
  readonly keys: () => Promise<Jwks>;
  readonly sessions: Pick<Sessions, "requireOpen">;
  /** Called for each key of the issuer that is skipped because it is malformed. */
  readonly onBadKey?: OnBadKey | undefined;
}

/** Makes the guard. */
export function createGuard({ off, issuer, audience, keys, sessions, onBadKey }: GuardOptions): Guard {
  if (off) return { ...open, principalOf: () => undefined };
  const verify = createTokenVerifier({ issuer, audience, keys, onBadKey });
  return {
    exposes(method) {
      try {
        return methodPolicy(method).auth.kind !== "internal";
      } catch (cause) {
        throw new RouteError(method, cause instanceof Error ? cause.message : String(cause));
      }
    },
    admit: (call) =>
      translated(async () => {
        const { method, request } = call;
        const { policy, empty } = admissionOf(method);
        if (policy.auth.kind === "public") return decide(request, "auth", "public");
        try {
          const token = bearer(request);
          const principal = token === undefined ? undefined : await verify(token);
          sessions.requireOpen(principal?.sessionId);
          (request as Admitted)[principalKey] = principal;
          if (principal && method.methodKind !== "unary") endWithToken(call, principal);
          authorise(policy, empty, principal, undefined);
        } catch (error) {
          refused(request, error);
        }
        decide(request, "auth", "allowed");
      }),
    locate({ found, method, request }) {
      const { ownerField } = methodPolicy(method).auth;
      const principal = principalOf(request);
      return principal && ownerField ? withOwnId(found, ownerField, principal.subject) : found;
    },
    check: (call) =>
      translated(() => {
        const policy = methodPolicy(call.method);
        fillIdempotencyKey(policy, call);
        try {
          authorise(policy, call.encoded ?? call.message, principalOf(call.request), undefined);
        } catch (error) {
          refused(call.request, error);
        }
        requireIdempotencyKey(policy, call.encoded ?? call.message);
      }),
    timeoutOf: (method) => methodPolicy(method).timeoutMs,
    principalOf,
    loadKeys: verify.loadKeys,
  };
}

/** The property of a request that contains its principal. It costs a fraction of a WeakMap, which the garbage collector pays for. */
const principalKey = Symbol("principal");
type Admitted = FastifyRequest & { [principalKey]?: Principal | undefined };

function principalOf(request: FastifyRequest): Principal | undefined {
  return (request as Admitted)[principalKey];
}

/** Returns the policy by which calls of a method are admitted before their message is read: without the owner. */
interface Admission {
  readonly policy: MethodPolicy;
  readonly empty: Message;
}

const admissions = new WeakMap<DescMethod, Admission>();

function admissionOf(method: DescMethod): Admission {
  let admission = admissions.get(method);
  if (admission === undefined) {
    const { auth, ...policy } = methodPolicy(method);
    const { owner: _, ...rest } = auth;
    admission = { policy: { ...policy, auth: rest }, empty: create(method.input) };
    admissions.set(method, admission);
  }
  return admission;
}

/** Whether anyone may call the method. */
export function isPublic(method: DescMethod): boolean {
  return methodPolicy(method).auth.kind === "public";
}

const open = {
  exposes: () => true,
  admit: async () => {},
  locate: ({ found }: EdgeCall) => found,
  check: () => {},
  timeoutOf: () => undefined,
  loadKeys: async () => {},
};

/** Notes why a call was refused. */
function refused(request: FastifyRequest, error: unknown): never {
  if (isKontorError(error)) decide(request, "auth", error.reason);
  throw error;
}

/** Ends a stream or socket when its token expires: rights do not outlive it. */
function endWithToken(call: EdgeCall, { expiresAt }: Principal): void {
  call.endAt(expiresAt.getTime(), () => {
    decide(call.request, "auth", policyErrors.TOKEN_EXPIRED.reason);
    return refusal(policyErrors.TOKEN_EXPIRED());
  });
}

function bearer(request: FastifyRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(singleHeader(request.raw, "Authorization") ?? "")?.[1];
}

/** The word of a path that replaces the id of the request's user: `/api/v1/users/me`. */
const ME = "me";

/** Replaces `me` in the path by the subject of the token. */
function withOwnId(found: Found, ownerField: string, subject: string): Found {
  const bound = found.route.path.find(({ field }) => field.map(({ name }) => name).join(".") === ownerField);
  if (bound === undefined || bound.variable.multi) return found;
  const { start } = bound.variable;
  if (found.segments[start] !== ME) return found;
  return { ...found, segments: found.segments.with(start, subject), kept: found.kept.with(start, subject) };
}
