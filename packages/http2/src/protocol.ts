/** The types of frames (RFC 9113, section 6). */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** The flags of frames. ACK has the bit of END_STREAM. */
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** The parameters of SETTINGS (RFC 9113, section 6.5.2). */
export const SETTING = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** The error codes of RST_STREAM and GOAWAY (RFC 9113, section 7). */
export const ERROR = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  connect: 10,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
} as const;

/** The connection preface: the first bytes of a client. */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The bytes of a frame before its payload. */
export const FRAME_HEAD = 9;

/** The largest payload of a frame that this package accepts and sends: the one that every peer accepts. */
export const MAX_FRAME = 16_384;

/** The window of a connection, and of a stream before SETTINGS. */
export const DEFAULT_WINDOW = 65_535;

/** The largest window, stream id and setting of a window. */
export const MAX_31_BITS = 2 ** 31 - 1;

/** An error of the peer that ends the connection, or one stream when `stream` is given. */
export class Http2Error extends Error {
  /** The code for GOAWAY or RST_STREAM. */
  readonly code: number;
  /** The stream that it ends; 0 for the connection. */
  readonly stream: number;

  constructor(code: number, message: string, stream = 0) {
    super(message);
    this.name = "Http2Error";
    this.code = code;
    this.stream = stream;
  }
}
