import { defineService } from "@kontor/service";
import { shop } from "@kontor/shop";
import { changePassword } from "./commands/change-password.ts";
import { comparePassword } from "./commands/compare-password.ts";
import { createAddress } from "./commands/create-address.ts";
import { logIn } from "./commands/log-in.ts";
import { refreshSession } from "./commands/refresh-session.ts";
import { registerUser } from "./commands/register-user.ts";
import { revokeSession } from "./commands/revoke-session.ts";
import { seedStaff } from "./commands/seed-staff.ts";
import { setRoles } from "./commands/set-roles.ts";
import { updateAddress } from "./commands/update-address.ts";
import { settings } from "./config.ts";
import { rotationPolicy } from "./domain/signing-keys.ts";
import { usersService } from "./inbound/grpc.ts";
import { createAccessTokens } from "./outbound/access-tokens.ts";
import { createAddressStore } from "./outbound/address-store.ts";
import { createPasswords } from "./outbound/argon2-passwords.ts";
import { createCredentialStore } from "./outbound/credential-store.ts";
import { setEmailKeys } from "./outbound/email-keys.ts";
import { openKeyRing } from "./outbound/key-ring.ts";
import { createKeySeal } from "./outbound/key-seal.ts";
import { createKeyStore } from "./outbound/key-store.ts";
import { createLoginThrottle } from "./outbound/login-throttle.ts";
import { createRefreshTokens } from "./outbound/refresh-tokens.ts";
import { repeat } from "./outbound/repeat.ts";
import { setSearchTexts } from "./outbound/search-texts.ts";
import { createSessionStore } from "./outbound/session-store.ts";
import { sweeper } from "./outbound/sweeper.ts";
import { createUserStore } from "./outbound/user-store.ts";
import { findAddress } from "./queries/find-address.ts";
import { findUser } from "./queries/find-user.ts";
import { listEndedSessions } from "./queries/list-ended-sessions.ts";
import { listUsers } from "./queries/list-users.ts";

const MINUTE = 60_000;

/** The users service. */
export const usersApp = defineService({
  system: shop,
  name: "users",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  async build({ config, db, log, now }) {
    const users = createUserStore(db);
    const credentials = createCredentialStore(db);
    const addresses = createAddressStore(db);
    const passwords = await createPasswords({ workers: config.passwordWorkers, queue: config.passwordQueue });
    const throttle = createLoginThrottle({
      db,
      log,
      now,
      free: config.loginFailures,
      longestMs: config.loginDelayMs,
      windowMs: config.loginFailuresWindowMs,
    });
    const policy = rotationPolicy(config.signingKeyRotationMs, config.accessTokenTtlMs);
    const keys = createKeyStore(db, createKeySeal(config.signingKeySecret), policy);
    const ring = await openKeyRing({ keys, policy, now });
    const tokens = createAccessTokens({
      ring,
      issuer: config.tokenIssuer,
      audience: config.tokenAudience,
      ttlMs: config.accessTokenTtlMs,
    });
    const refreshTokens = createRefreshTokens(config.refreshTokenTtlMs);
    const sessions = createSessionStore({ db, refreshTokens, reuseMs: config.refreshReuseMs });
    const compare = comparePassword({ passwords, throttle });
    const register = registerUser({ users, passwords, now });
    const sweep = sweeper(db, { failuresMs: config.loginFailuresWindowMs, networksMs: config.refreshTokenTtlMs });

    await setSearchTexts(db);
    const withoutKey = await setEmailKeys(db);
    if (withoutKey.length > 0) log.warn({ userIds: withoutKey }, "accounts without their own mail address");
    if (config.staffEmail && config.staffPassword) {
      const seed = seedStaff({ users, credentials, passwords, register, now });
      const outcome = await seed(config.staffEmail, config.staffPassword);
      log[outcome === "restored" ? "warn" : "info"]({ outcome }, "staff account checked");
    }
    return {
      services: [
        usersService({
          registerUser: register,
          logIn: logIn({ credentials, compare, sessions, tokens, refreshTokens, now }),
          refreshSession: refreshSession({ sessions, tokens, now }),
          revokeSession: revokeSession({ sessions, refreshTokens, now }),
          listEndedSessions: listEndedSessions({ sessions, ttlMs: config.accessTokenTtlMs, now }),
          publicKeys: ring.publicKeys,
          findUser: findUser({ users }),
          listUsers: listUsers({ users }),
          updateUser: users.update,
          setRoles: setRoles({ users, now }),
          changePassword: changePassword({ credentials, compare, passwords, now }),
          createAddress: createAddress({ addresses }),
          findAddress: findAddress({ addresses }),
          listAddresses: addresses.list,
          updateAddress: updateAddress({ addresses }),
          deleteAddress: addresses.delete,
        }),
      ],
      background: [
        repeat("signing keys", Math.min(MINUTE, policy.leadMs / 2), ring.tend, log),
        // Pods of the version before still insert accounts without a key and a search text.
        repeat("email keys", 10 * MINUTE, async () => void (await setEmailKeys(db)), log),
        repeat("search texts", 10 * MINUTE, () => setSearchTexts(db), log),
        repeat("sweep", 10 * MINUTE, () => sweep(now()), log),
      ],
      keys: async () => ({ keys: ring.publicKeys() }),
    };
  },
});
