import { UsersService } from "@kontor/contracts/users/v1/users_service";
import type { Jwks } from "@kontor/policy";
import { createClient } from "@kontor/rpc";
import { issuerKeys } from "@kontor/service";
import type { Upstreams } from "../outbound/upstreams.ts";

/** Gets the issuer's public keys from the users service, once they are needed. */
export function keysFrom(upstreams: Pick<Upstreams, "addressOf">): () => Promise<Jwks> {
  let load: (() => Promise<Jwks>) | undefined;
  return () => {
    const address = upstreams.addressOf(UsersService);
    if (address === undefined) throw new Error(`${UsersService.typeName} has no upstream, so there are no keys`);
    load ??= issuerKeys(createClient(UsersService, { address, caller: "gateway", callerToken: "" }));
    return load();
  };
}
