import { HttpError } from "./http-error.ts";

/** A received JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Reads a non-empty string of at most `limit` characters; throws 422 `invalid_request`. */
export function textField(body: Json, name: string, limit = 200): string {
  const value = body[name];
  if (typeof value === "string" && value !== "" && value.length <= limit) return value;
  throw invalidRequest(`"${name}" must be a string of 1 to ${limit} characters.`);
}

/** Reads a positive whole number, for money in minor units or grams; throws 422 `invalid_request`. */
export function amountField(body: Json, name: string): number {
  const value = body[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw invalidRequest(`"${name}" must be a positive whole number.`);
}

/** Reads a nested object; throws 422 `invalid_request`. */
export function objectField(body: Json, name: string): Json {
  const value = body[name];
  if (isJsonObject(value)) return value;
  throw invalidRequest(`"${name}" must be an object.`);
}

/** Distinguishes a JSON object from arrays, null and scalars. */
export function isJsonObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the refusal of a request with invalid fields. */
export function invalidRequest(message: string): HttpError {
  return new HttpError(422, "invalid_request", message);
}
