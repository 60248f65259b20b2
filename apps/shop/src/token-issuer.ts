import { toJson } from "@bufbuild/protobuf";
import { text } from "@kontor/config";
import type { Jwks } from "@kontor/policy";
import type { RpcClient } from "@kontor/rpc";
import type { TokenIssuer } from "@kontor/service";
import { JsonWebKeySchema } from "@kontor/shop/contracts/users/v1/user";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";

export const usersAddress = text("USERS_ADDRESS", {
  default: "127.0.0.1:5051",
  doc: "gRPC address of users, which publishes the keys of access tokens.",
});

/** Returns the function that fetches the public keys of the users service. Each fetch has 2 s. */
export function issuerKeys(users: Pick<RpcClient<typeof UsersService>, "getJwks">): () => Promise<Jwks> {
  return async () => {
    const { keys } = await users.getJwks({}, { timeoutMs: 2_000 });
    return { keys: keys.map((key) => toJson(JsonWebKeySchema, key) as Jwks["keys"][number]) };
  };
}

/** The users service issues the shop's access tokens. */
export const tokenIssuer: TokenIssuer = {
  address: usersAddress,
  keys: (client, address) => issuerKeys(client(UsersService, address)),
};
