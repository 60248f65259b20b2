import { create, type DescMessage, fromBinary, type JsonObject, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { ViolationParamsSchema } from "@kontor/contracts/errors/v1/violation_params";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
} from "@kontor/contracts/google/rpc/error_details";
import { type Status, StatusSchema } from "@kontor/contracts/google/rpc/status";
import {
  CODES,
  type Code,
  type ErrorDetail,
  type FieldViolation,
  isLanguage,
  KontorError,
  type Param,
  type Params,
} from "@kontor/errors";

/** The domain of failures without ErrorInfo: those of the transport, and of foreign servers. */
export const NO_DOMAIN = "grpc";

const DETAILS = "grpc-status-details-bin";
const TYPE_URL = "type.googleapis.com/";

/**
 * Returns the number of a code on the wire.
 *
 * ```ts
 * codeNumber("NOT_FOUND"); // 5
 * ```
 */
export function codeNumber(code: Code): number {
  return CODES.indexOf(code) + 1;
}

/**
 * Returns the code of a number on the wire; UNKNOWN for a number without a code.
 *
 * ```ts
 * codeName(14); // "UNAVAILABLE"
 * ```
 */
export function codeName(number: number): Code {
  return CODES[number - 1] ?? "UNKNOWN";
}

/**
 * Returns the number of an error's code and its details, as `google.rpc.Status` has them (https://google.aip.dev/193).
 *
 * ```ts
 * const { code } = detailsOf(rpcErrors.CANCELLED()); // 1
 * ```
 */
export function detailsOf(error: KontorError): { readonly code: number; readonly details: readonly Any[] } {
  return { code: codeNumber(error.code), details: details(error) };
}

/** Returns the number of an error's code, and its status with details as the bytes of `grpc-status-details-bin`. */
export function statusBytes(error: KontorError): { readonly code: number; readonly bytes: Uint8Array } {
  const { code, details } = detailsOf(error);
  const status = create(StatusSchema, { code, message: error.message, details: [...details] });
  return { code, bytes: toBinary(StatusSchema, status) };
}

/** The status of a failed call, with `google.rpc.Status` and its details as trailers (https://google.aip.dev/193). */
export function toStatus(error: KontorError): StatusObject {
  const { code, bytes } = statusBytes(error);
  const metadata = new Metadata();
  metadata.set(DETAILS, Buffer.from(bytes));
  return { code, details: error.message, metadata };
}

function details({ reason, domain, metadata, translations, violations, retryAfterMs, details }: KontorError): Any[] {
  const packed = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata }))];
  for (const [locale, message] of Object.entries(translations))
    packed.push(anyPack(LocalizedMessageSchema, create(LocalizedMessageSchema, { locale, message })));
  if (violations.length > 0) packed.push(badRequest(violations));
  if (violations.some(({ params }) => params !== undefined && Object.keys(params).length > 0))
    packed.push(paramsOf(violations));
  if (retryAfterMs !== undefined)
    packed.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: toDuration(retryAfterMs) })));
  for (const { type, value } of details) packed.push(create(AnySchema, { typeUrl: `${TYPE_URL}${type}`, value }));
  return packed;
}

function badRequest(violations: readonly FieldViolation[]): Any {
  const fieldViolations = violations.map(({ field, description, code = "" }) => ({ field, description, reason: code }));
  return anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations }));
}

function paramsOf(violations: readonly FieldViolation[]): Any {
  const params = violations.map(({ params = {} }) => params as JsonObject);
  return anyPack(ViolationParamsSchema, create(ViolationParamsSchema, { params }));
}

/** Returns the violations of a status with their params, in the order they were sent. */
export function violationsOf(details: readonly Any[]): FieldViolation[] {
  const params = details.flatMap((any) => unpack(any, ViolationParamsSchema)?.params ?? []);
  return details
    .flatMap((any) => unpack(any, BadRequestSchema)?.fieldViolations ?? [])
    .map(({ field, description, reason: code }, index) => ({
      ...{ field, description },
      ...(code !== "" && { code, params: readParams(params[index]) }),
    }));
}

/** Skips values that are no parameters: a foreign service may send any JSON. */
function readParams(json: JsonObject = {}): Params {
  const params: Record<string, Param> = {};
  for (const [name, value] of Object.entries(json)) {
    if (Array.isArray(value)) params[name] = value.filter((item) => typeof item === "string");
    else if (value !== null && typeof value !== "object") params[name] = value;
  }
  return params;
}

/**
 * Returns the error that a callee threw, from the status that it sent. Without details the code is the reason, and the domain is `grpc`.
 *
 * ```ts
 * import { Metadata } from "@grpc/grpc-js";
 * const error = fromStatus({ code: 5, details: "Order o-1 does not exist.", metadata: new Metadata() });
 * error.code; // "NOT_FOUND"
 * ```
 */
export function fromStatus({ code, details: message, metadata }: StatusObject): KontorError {
  const status = readStatus(metadata);
  return fromDetails({ code, message: status?.message ?? message, details: status?.details ?? [] });
}

/** Types of details that a KontorError has a place for. */
const OWN_DETAILS: ReadonlySet<string> = new Set(
  [ErrorInfoSchema, LocalizedMessageSchema, RetryInfoSchema, BadRequestSchema, ViolationParamsSchema].map(
    ({ typeName }) => typeName,
  ),
);

/** A status of a callee, read. */
interface ReadStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly Any[];
  readonly cause?: unknown;
}

/** Returns a status of a callee as the error it threw. */
export function fromDetails({ code: number, message, details, cause }: ReadStatus): KontorError {
  const code = codeName(number);
  const plain = { code, reason: code, domain: NO_DOMAIN, message, ...(cause !== undefined && { cause }) };
  if (details.length === 0) return new KontorError(plain);
  const init = { ...plain, metadata: {} as Record<string, string>, violations: violationsOf(details) };
  const translations: Record<string, string> = {};
  const own: ErrorDetail[] = [];
  let retryAfterMs: number | undefined;
  for (const any of details) {
    const info = unpack(any, ErrorInfoSchema);
    if (info) Object.assign(init, { reason: info.reason, domain: info.domain, metadata: info.metadata });
    const text = unpack(any, LocalizedMessageSchema);
    if (text && isLanguage(text.locale)) translations[text.locale] = text.message;
    const delay = unpack(any, RetryInfoSchema)?.retryDelay;
    if (delay) retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
    const type = any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1);
    if (!OWN_DETAILS.has(type)) own.push({ type, value: any.value });
  }
  return new KontorError({ ...init, translations, retryAfterMs, details: own });
}

function unpack<Desc extends DescMessage>(any: Any, schema: Desc): MessageShape<Desc> | undefined {
  try {
    return anyUnpack(any, schema);
  } catch {
    return undefined; // Bytes of a foreign server that are no such message: the rest of the status remains valid.
  }
}

function readStatus(metadata: Metadata): Status | undefined {
  const [bytes] = metadata.get(DETAILS);
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    // Trailers of a foreign server in another format: the code and message remain valid.
    return undefined;
  }
}

function toDuration(ms: number) {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: Math.round((ms % 1000) * 1e6) };
}
