import { isKontorError, type KontorError } from "@kontor/errors";
import type { RpcError } from "@kontor/transcoder";
import { fromKontorError } from "../rpc-error.ts";
import { challengeOf } from "./challenge.ts";

/** Returns a refusal of ours in the form that refusals of upstreams have. */
export function refusal(error: KontorError): RpcError {
  return fromKontorError(error, challengeOf(error));
}

/** Runs work, and throws refusals of ours in the form that those of upstreams have. */
export function translated<T>(work: () => T): T {
  const translate = (error: unknown): never => {
    throw isKontorError(error) ? refusal(error) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(translate) as T) : result;
  } catch (error) {
    return translate(error);
  }
}
