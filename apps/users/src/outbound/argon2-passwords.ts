import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { userErrors } from "../domain/errors.ts";
import type { Passwords } from "../ports.ts";
import { createWorkQueue } from "./work-queue.ts";

/** Argon2id as the OWASP Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes off the main thread, a bounded number at once. */
export async function createPasswords(limits: { workers: number; queue: number }): Promise<Passwords> {
  const inTurn = createWorkQueue(limits, () => userErrors.PASSWORDS_BUSY({ retryAfterMs: 1_000 }));
  const nobodys = await hash(randomBytes(32), PARAMETERS);
  return {
    hash: (password) => inTurn(() => hash(bytesOf(password), PARAMETERS)),
    async verify(passwordHash, password) {
      const matches = await inTurn(() => verify(passwordHash ?? nobodys, bytesOf(password)));
      return matches && passwordHash !== undefined;
    },
  };
}

/** One password however a keyboard composes its letters (NIST SP 800-63B 3.1.1.2). */
function bytesOf(password: string): Buffer {
  return Buffer.from(password.normalize("NFKC"), "utf8");
}
