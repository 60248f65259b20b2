import type { Principal } from "@kontor/policy";
import { type CallContext, HEADER, type Implementation, implement } from "@kontor/rpc";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import type { changePassword } from "../commands/change-password.ts";
import type { createAddress } from "../commands/create-address.ts";
import type { logIn } from "../commands/log-in.ts";
import type { refreshSession } from "../commands/refresh-session.ts";
import type { registerUser } from "../commands/register-user.ts";
import type { revokeSession } from "../commands/revoke-session.ts";
import type { setRoles } from "../commands/set-roles.ts";
import type { updateAddress } from "../commands/update-address.ts";
import { listOf } from "../contract/list-request.ts";
import { addressMessage, addressOf, sessionMessage, userMessage } from "../contract/messages.ts";
import { addressChangesOf, profileChangesOf } from "../contract/updates.ts";
import { changeProfile } from "../domain/user.ts";
import type { Addresses, Caller, Client, PublicJwk, Users } from "../ports.ts";
import type { findAddress } from "../queries/find-address.ts";
import type { findUser } from "../queries/find-user.ts";
import type { listEndedSessions } from "../queries/list-ended-sessions.ts";
import type { listUsers } from "../queries/list-users.ts";

type Deps = {
  readonly registerUser: ReturnType<typeof registerUser>;
  readonly logIn: ReturnType<typeof logIn>;
  readonly refreshSession: ReturnType<typeof refreshSession>;
  readonly revokeSession: ReturnType<typeof revokeSession>;
  readonly listEndedSessions: ReturnType<typeof listEndedSessions>;
  readonly publicKeys: () => readonly PublicJwk[];
  readonly findUser: ReturnType<typeof findUser>;
  readonly listUsers: ReturnType<typeof listUsers>;
  readonly updateUser: Users["update"];
  readonly setRoles: ReturnType<typeof setRoles>;
  readonly changePassword: ReturnType<typeof changePassword>;
  readonly createAddress: ReturnType<typeof createAddress>;
  readonly findAddress: ReturnType<typeof findAddress>;
  readonly listAddresses: Addresses["list"];
  readonly updateAddress: ReturnType<typeof updateAddress>;
  readonly deleteAddress: Addresses["delete"];
};

/** UsersService over gRPC. Whose account it is, the contract has checked. */
export function usersService(app: Deps): Implementation {
  const readAddress = async ({ userId, addressId }: { userId: string; addressId: string }) => ({
    address: addressMessage(await app.findAddress(userId, addressId)),
  });

  return implement(UsersService, {
    async register(request) {
      return { user: userMessage(await app.registerUser(request)) };
    },
    async login({ email, password, refreshToken }, ctx) {
      const session = await app.logIn({ email, password, refreshToken, client: clientOf(ctx) });
      return { session: sessionMessage(session) };
    },
    async refreshSession({ refreshToken }, ctx) {
      return { session: sessionMessage(await app.refreshSession(refreshToken, clientOf(ctx).name)) };
    },
    async revokeSession({ refreshToken }) {
      await app.revokeSession(refreshToken);
      return {};
    },
    async listEndedSessions(request) {
      const { items, ...next } = await app.listEndedSessions(request);
      return { sessionIds: [...items], ...next };
    },
    async getJwks() {
      return { keys: [...app.publicKeys()] };
    },
    async getUser({ userId }) {
      return { user: userMessage(await app.findUser(userId)) };
    },
    async listUsers(request) {
      const { items, ...next } = await app.listUsers(listOf(request));
      return { users: items.map(userMessage), ...next };
    },
    async updateUser({ user, updateMask }) {
      const changesOf = profileChangesOf(user, updateMask);
      const changed = await app.updateUser(user?.id ?? "", (stored) => changeProfile(stored, changesOf(stored)));
      return { user: userMessage(changed) };
    },
    async changePassword(request, ctx) {
      await app.changePassword({ ...request, caller: callerOf(ctx.principal), client: clientOf(ctx) });
      return {};
    },
    async setRoles({ userId, roles }, { principal }) {
      return { user: userMessage(await app.setRoles(callerOf(principal), userId, roles)) };
    },
    async createAddress({ userId, address }) {
      return { address: addressMessage(await app.createAddress(userId, addressOf(address))) };
    },
    async listAddresses({ userId }) {
      return { addresses: (await app.listAddresses(userId)).map(addressMessage) };
    },
    getAddress: readAddress,
    async updateAddress({ userId, address, updateMask }) {
      const changed = await app.updateAddress(userId, address?.id ?? "", addressChangesOf(address, updateMask));
      return { address: addressMessage(changed) };
    },
    async deleteAddress({ userId, addressId }) {
      await app.deleteAddress(userId, addressId);
      return {};
    },
    resolveAddress: readAddress,
  });
}

function callerOf(principal: Principal | undefined): Caller {
  if (principal === undefined) throw new Error("The contract demands scopes, yet there is no principal.");
  return { userId: principal.subject, sessionId: principal.sessionId };
}

/** Returns the client by the gateway's metadata: the network, and the program's name. Empty without a gateway. */
function clientOf({ metadata }: CallContext): Client {
  const network = metadata.get(HEADER.clientNetwork) ?? "";
  return { network, name: `${network} ${metadata.get(HEADER.clientProgram) ?? ""}` };
}
