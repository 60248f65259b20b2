import type { Jwks } from "@kontor/policy";
import { issuerKeys } from "@kontor/shop";
import { type GetJwksResponse, UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import type { Upstreams } from "../ports.ts";

/** Gets the issuer's public keys from the users service, once they are needed. */
export function keysFrom(upstreams: Pick<Upstreams, "ask">): () => Promise<Jwks> {
  return issuerKeys({
    getJwks: async () => (await upstreams.ask(UsersService.method.getJwks, 2_000)) as GetJwksResponse,
  });
}
