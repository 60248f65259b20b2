import { status as Status } from "@grpc/grpc-js";
import { CallFailure } from "../client/call-failure.ts";
import { isFree } from "../client/transport/unary/request-headers.ts";

/** The most bytes of metadata that node:http2 accepts by default; RFC 9113, section 6.5.2 counts 32 more for each entry. */
const MOST_BYTES = 65_535;
const ENTRY_BYTES = 32;

const NAME = /^[0-9a-z_.-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Returns the metadata as a callee receives it. @throws CallFailure when HTTP/2 would not carry it */
export function checkedMetadata(metadata: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const checked = new Map<string, string>();
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    const lower = name.toLowerCase();
    if (value === undefined || !isFree(lower)) continue;
    if (!NAME.test(lower) || !VALUE.test(value))
      throw new CallFailure(Status.INTERNAL, `The metadata "${name}" has characters that HTTP/2 does not carry.`);
    bytes += name.length + value.length + ENTRY_BYTES;
    checked.set(lower, value);
  }
  if (bytes > MOST_BYTES)
    throw new CallFailure(Status.RESOURCE_EXHAUSTED, `The metadata has ${bytes} bytes, the limit is ${MOST_BYTES}.`);
  return checked;
}
