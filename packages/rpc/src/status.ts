import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "@kontor/contracts/google/rpc/error_details";
import { type Status, StatusSchema } from "@kontor/contracts/google/rpc/status";
import { CODES, type Code, type FieldViolation, KontorError } from "@kontor/errors";

/** The domain of failures that nobody explained: those of the transport, and of foreign servers. */
export const NO_DOMAIN = "grpc";

const DETAILS = "grpc-status-details-bin";

/** Number of a code on the wire. */
export function codeNumber(code: Code): number {
  return CODES.indexOf(code) + 1;
}

/** Code of a number on the wire; UNKNOWN for one nobody defined. */
export function codeName(number: number): Code {
  return CODES[number - 1] ?? "UNKNOWN";
}

/** The status of a failed call, with `google.rpc.Status` and its details as trailers (https://google.aip.dev/193). */
export function toStatus(error: KontorError): StatusObject {
  const code = codeNumber(error.code);
  const status = create(StatusSchema, { code, message: error.message, details: details(error) });
  const metadata = new Metadata();
  metadata.set(DETAILS, Buffer.from(toBinary(StatusSchema, status)));
  return { code, details: error.message, metadata };
}

function details({ reason, domain, metadata, violations, retryAfterMs }: KontorError): Any[] {
  const packed = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata }))];
  if (violations.length > 0)
    packed.push(
      anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: violations.map((v) => ({ ...v })) })),
    );
  if (retryAfterMs !== undefined)
    packed.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: toDuration(retryAfterMs) })));
  return packed;
}

/** What a callee reported, as the error it threw. Without details the code is the reason, and the domain `grpc`. */
export function fromStatus(status: StatusObject): KontorError {
  const detailed = readDetails(status.metadata);
  const code = codeName(status.code);
  const plain = { code, reason: code, domain: NO_DOMAIN, message: status.details };
  if (!detailed) return new KontorError(plain);
  const init = { ...plain, metadata: {} as Record<string, string>, violations: [] as FieldViolation[] };
  let retryAfterMs: number | undefined;
  for (const any of detailed.details) {
    const info = anyUnpack(any, ErrorInfoSchema);
    if (info) Object.assign(init, { reason: info.reason, domain: info.domain, metadata: info.metadata });
    const request = anyUnpack(any, BadRequestSchema);
    if (request) init.violations = request.fieldViolations.map(({ field, description }) => ({ field, description }));
    const delay = anyUnpack(any, RetryInfoSchema)?.retryDelay;
    if (delay) retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
  }
  return new KontorError({ ...init, message: detailed.message, retryAfterMs });
}

/** Whether a callee explained its failure, which only one that was reached can do. */
export function isDetailed({ metadata }: StatusObject): boolean {
  return metadata.get(DETAILS).length > 0;
}

function readDetails(metadata: Metadata): Status | undefined {
  const [bytes] = metadata.get(DETAILS);
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    // Trailers of a foreign server, in a format of its own: the code and message still stand.
    return undefined;
  }
}

function toDuration(ms: number) {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: Math.round((ms % 1000) * 1e6) };
}
