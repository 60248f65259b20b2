import { ERROR, Http2Error } from "../protocol.ts";
import type { FrameWriter } from "./frame-writer.ts";

/** How much a peer may send on one stream, and on all, before WINDOW_UPDATE. */
export const STREAM_WINDOW = 2 ** 20;
export const CONNECTION_WINDOW = 2 ** 24;

/**
 * Gives received bytes back to the peer once they are half of a window; a stream that ended needs none. Returns how many are left to
 * give back. @throws Http2Error FLOW_CONTROL_ERROR when they are more than the window
 */
export function credit(writer: FrameWriter, id: number, received: number, window: number, isEnd = false): number {
  if (received > window) throw new Http2Error(ERROR.flowControl, "DATA is above the window.", id);
  if (isEnd || received < window / 2) return received;
  writer.windowUpdate(id, received);
  return 0;
}
