import { ERROR, Http2Error, MAX_FRAME, SETTING } from "../protocol.ts";

const MAX_FRAME_SETTING = 2 ** 24 - 1;

/** Applies each setting of a SETTINGS frame, in order. @throws Http2Error when a value is not allowed (RFC 9113, section 6.5.2) */
export function readSettings(
  bytes: Buffer,
  from: number,
  to: number,
  apply: (key: number, value: number) => void,
): void {
  for (let at = from; at < to; at += 6) {
    const key = bytes.readUInt16BE(at);
    const value = bytes.readUInt32BE(at + 2);
    if (key === SETTING.enablePush && value > 1)
      throw new Http2Error(ERROR.protocol, "ENABLE_PUSH is neither 0 nor 1.");
    if (key === SETTING.maxFrameSize && (value < MAX_FRAME || value > MAX_FRAME_SETTING))
      throw new Http2Error(ERROR.protocol, `MAX_FRAME_SIZE is ${value}.`);
    apply(key, value);
  }
}
