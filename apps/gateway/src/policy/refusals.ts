import { isKontorError } from "@kontor/errors";
import { fromKontorError } from "../outbound/status-error.ts";
import { challengeOf } from "./challenge.ts";

/** Runs work, and tells refusals of ours the way those of upstreams are told. */
export function translated<T>(work: () => T): T {
  const translate = (error: unknown): never => {
    throw isKontorError(error) ? fromKontorError(error, challengeOf(error)) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(translate) as T) : result;
  } catch (error) {
    return translate(error);
  }
}
