import { isKontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import type { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import type { Users } from "../callees.ts";
import { UNTIL_DEADLINE } from "./shared-read.ts";

/** The users service over gRPC. */
export function usersClient(users: RpcClient<typeof UsersService>): Users {
  return {
    resolveAddress: async (userId, addressId) => {
      try {
        const { address } = await users.resolveAddress({ userId, addressId }, UNTIL_DEADLINE);
        if (address === undefined) return undefined;
        const { $typeName: _, $unknown: __, ...plain } = address;
        return { ...plain, line2: plain.line2 ?? "", region: plain.region ?? "" };
      } catch (error) {
        if (isKontorError(error, "ADDRESS_NOT_FOUND")) return undefined;
        throw error;
      }
    },
  };
}
