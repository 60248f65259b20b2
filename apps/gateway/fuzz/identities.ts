import { methodPolicy, type Principal } from "@kontor/policy";
import { createIssuer, type Issuer } from "@kontor/testing";
import type { MadeRequest, Random } from "@kontor/transcoder/fuzz";

/** The identity that a request claims, and the real one. */
export interface Identity {
  readonly name: string;
  /** The `Authorization` header; undefined for none. */
  readonly authorization: string | undefined;
  /** The principal that the gateway may derive from it; undefined for none. */
  readonly principal: Pick<Principal, "subject" | "scopes"> | undefined;
}

/** Makes identities of every kind: unknown callers, forged tokens, users without scopes, owners, and owners of another resource. */
export interface Identities {
  readonly issuer: Issuer;
  /** One for this request, which then carries it. */
  give(request: MadeRequest, random: Random): Identity;
}

const subjects = ["a", "b7", "x-1", "42", "7", "100"];

/** Makes them with separate keys. */
export function createIdentities(): Identities {
  const issuer = createIssuer();
  const forger = createIssuer();
  function make({ route }: MadeRequest, random: Random): Identity {
    const subject = random.pick(subjects);
    const { scopes, ownerBypassScope } = methodPolicy(route.method).auth;
    const all = [...scopes, ...(ownerBypassScope === undefined ? [] : [ownerBypassScope])];
    const bearer = (name: string, token: string, held?: readonly string[]): Identity => ({
      ...{ name, authorization: `Bearer ${token}` },
      principal: held && { subject, scopes: new Set(held) },
    });
    const token = issuer.tokenOf(subject, all);
    switch (random.int(10)) {
      case 0:
        return { name: "a stranger", authorization: undefined, principal: undefined };
      case 1:
        return bearer("a forger", forger.tokenOf(subject, all));
      case 2:
        return bearer("a caller with a truncated token", token.slice(0, random.int(token.length)));
      case 3:
        return bearer("a caller with swapped token parts", swapped(token, issuer.tokenOf("someone-else", all)));
      case 4:
        return bearer("one without a signature", `${token.slice(0, token.lastIndexOf("."))}.`);
      case 5:
        return bearer("the powerless", issuer.tokenOf(subject, ["nothing"]), ["nothing"]);
      case 6: {
        const some = all.slice(0, random.int(all.length));
        return bearer("the half powerful", issuer.tokenOf(subject, some), some);
      }
      case 7:
        return bearer("staff", token, all);
      default:
        return bearer("a user", issuer.tokenOf(subject, scopes), scopes);
    }
  }
  return {
    issuer,
    give(request, random) {
      const identity = make(request, random);
      const isSecond = request.headers.some(([name]) => name.toLowerCase() === "authorization");
      if (identity.authorization !== undefined) request.headers.push(["Authorization", identity.authorization]);
      return isSecond ? { ...identity, name: `${identity.name} with two tokens`, principal: undefined } : identity;
    },
  };
}

/** The claims of one token under the signature of another. */
function swapped(token: string, other: string): string {
  const [header = "", , signature = ""] = token.split(".");
  return [header, other.split(".")[1], signature].join(".");
}
