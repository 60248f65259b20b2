import { ClientError } from "@kontor/client";
import { Refusal } from "@kontor/config";
import type { Account } from "@kontor/launcher";

/** The options that name an install that is not `npm start`'s. */
export const remoteFlags = { url: { type: "string" }, staff: { type: "string" } } as const;

/** Returns where the gateway of an install is, without a slash at its end. @throws Refusal */
export function gatewayAt(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && /^https?:$/.test(parsed.protocol) && parsed.pathname === "/" && !parsed.search && !parsed.username)
    return parsed.origin;
  throw new Refusal(`--url is "${url}". It takes the address of the gateway alone, such as http://localhost:8080.`);
}

/**
 * Returns the account of staff. The password comes from the environment variable STAFF_PASSWORD, or from the option. All users
 * of a machine can read options in the list of its processes. @throws Refusal
 */
export function staffAccount(text: string, env: NodeJS.ProcessEnv = process.env): Account {
  const [email = "", ...rest] = text.split(":");
  const password = rest.length > 0 ? rest.join(":") : env.STAFF_PASSWORD;
  if (!email.includes("@"))
    throw new Refusal(`--staff is "${email}". It takes the email of a member of staff, such as staff@kontor.example.`);
  if (!password)
    throw new Refusal(
      `The password of ${email} is missing. Set STAFF_PASSWORD; Helm's notes say where the chart keeps it.`,
    );
  return { email, password };
}

/** Runs `work` at a gateway. @throws Refusal with the response of the shop, or the reason why there was none */
export async function atShop<T>(gateway: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.status !== 0) throw new Refusal(error.message, { cause: error });
    throw new Refusal(`No shop responds at ${gateway}: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Returns why a connection failed: what `fetch` gives as the cause of its error. */
function reasonOf({ cause, message }: Error): string {
  const deeper = cause instanceof Error ? (cause.cause ?? cause) : cause;
  return deeper instanceof Error && "code" in deeper ? String(deeper.code) : message;
}
