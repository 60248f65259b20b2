import { toJson } from "@bufbuild/protobuf";
import { JsonWebKeySchema } from "@kontor/contracts/users/v1/user";
import type { UsersService } from "@kontor/contracts/users/v1/users_service";
import type { Jwks } from "@kontor/policy";
import type { RpcClient } from "@kontor/rpc";

/** The public keys that the users service publishes. */
export function issuerKeys(users: Pick<RpcClient<typeof UsersService>, "getJwks">): () => Promise<Jwks> {
  return async () => {
    const { keys } = await users.getJwks({}, { timeoutMs: 2_000 });
    return { keys: keys.map((key) => toJson(JsonWebKeySchema, key) as Jwks["keys"][number]) };
  };
}
