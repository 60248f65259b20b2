import { isKontorError } from "@kontor/errors";
import type { CredentialStore } from "../ports.ts";
import type { registerUser } from "./register-user.ts";

type Needs = { readonly credentials: CredentialStore; readonly register: ReturnType<typeof registerUser> };

/**
 * Makes the first account that may do everything. One that is there stays as it is, roles included: whoever registered
 * that address before must not become staff by it.
 */
export function seedStaff({ credentials, register }: Needs) {
  return async (email: string, password: string): Promise<"made" | "there"> => {
    if (await credentials.ofEmail(email.trim())) return "there";
    try {
      await register({ email, password, displayName: "Staff", locale: "en" }, ["staff", "admin"]);
      return "made";
    } catch (error) {
      // Another replica was quicker.
      if (isKontorError(error, "EMAIL_TAKEN")) return "there";
      throw error;
    }
  };
}
