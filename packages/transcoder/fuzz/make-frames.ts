import { type MadeRequest, makeBody } from "./make-request.ts";
import { spoilt } from "./mutate.ts";
import type { Random } from "./random.ts";

/** The bytes that a client sends over a WebSocket, frame by frame, valid or not. */
export interface MadeTalk {
  readonly frames: readonly Buffer[];
  /** The codes of the close frames among them. */
  readonly closing: readonly number[];
  /** Whether it stops in the middle of a frame. */
  readonly cut: boolean;
}

/** The kinds of frames, by RFC 6455. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const { continuation: CONTINUATION, text: TEXT, binary: BINARY, close: CLOSE, ping: PING, pong: PONG } = Opcode;
const codes = [1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1009, 1011, 1015, 0, 999, 2999, 3000, 4003, 5000, 65535];

type Move = (body: Buffer, random: Random) => Buffer[];

/** Frames that a client may send, so that others follow them. */
const rightful: readonly Move[] = [
  (body) => [frame(TEXT, body)],
  (body) => [frame(TEXT, body)],
  function fragments(body, random) {
    const at = random.int(body.length + 1);
    const [head, tail] = [body.subarray(0, at), body.subarray(at)];
    const between = random.chance(0.5) ? [frame(PING, Buffer.from("in between"))] : [];
    const middle = random.chance(0.3) ? [frame(CONTINUATION, Buffer.alloc(0), { fin: false })] : [];
    return [frame(TEXT, head, { fin: false }), ...middle, ...between, frame(CONTINUATION, tail)];
  },
  (_, random) => [frame(PING, Buffer.alloc(random.int(126)))],
  () => [frame(PONG, Buffer.from("unasked"))],
];

/** Frames that end the call, or should. */
const wrong: readonly Move[] = [
  (body, random) => [frame(TEXT, spoilt(body, random))],
  (body, random) => [frame(TEXT, spoilt(body, random))],
  () => [frame(TEXT, Buffer.alloc(0))],
  (body) => [frame(BINARY, body)],
  () => [frame(TEXT, Buffer.from([0x22, 0xc3, 0x28, 0x22]))],
  (body) => [frame(CONTINUATION, body)],
  (body) => [frame(TEXT, body, { fin: false }), frame(TEXT, body)],
  (body) => [frame(TEXT, body, { masked: false })],
  (body, random) => [frame(TEXT, body, { reserved: 1 + random.int(7) })],
  (body, random) => [frame(random.pick([3, 7, 11, 15]), body)],
  () => [frame(PING, Buffer.alloc(126))],
  () => [frame(PING, Buffer.from("x"), { fin: false })],
  (_, random) => [headOf(TEXT, random.pick([5_000_000, 2 ** 31, 2 ** 40])), Buffer.alloc(100)],
  () => [Buffer.from([0x81, 0xff, ...Array<number>(12).fill(0xff)])], // A length of 64 bits, the first of them set.
  () => [Buffer.from([0x81, 0xfe, 0, 1, 0, 0, 0, 0, 0x31])], // A longer form of a length than it takes.
  () => [frame(CLOSE, Buffer.from([3]))],
  () => [frame(CLOSE, Buffer.from([3, 0xe8, 0xc3, 0x28]))],
  () => [frame(CLOSE, Buffer.alloc(0))],
  (_, random) => [frame(TEXT, Buffer.from("[".repeat(random.pick([99, 101, 5_000, 100_000]))))],
  () => [Buffer.from("GET / HTTP/1.1\r\n\r\n")],
];

/** Makes the frames that a client sends over the WebSocket of this request. */
export function makeTalk({ route }: MadeRequest, random: Random): MadeTalk {
  const frames: Buffer[] = [];
  const closing: number[] = [];
  for (let left = random.int(5); left > 0; left--) {
    frames.push(...random.pick(rightful)(Buffer.from(makeBody(route, random)), random));
  }
  if (random.chance(0.7)) frames.push(...random.pick(wrong)(Buffer.from(makeBody(route, random)), random));
  if (random.chance(0.3)) {
    const code = random.pick(codes);
    closing.push(code);
    frames.push(frame(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from("bye")])));
  }
  const cut = random.chance(0.1);
  const last = frames.pop();
  if (last !== undefined) frames.push(cut ? last.subarray(0, random.int(last.length)) : last);
  return { frames, closing, cut };
}

/** How a frame differs from a whole message of a client. */
export interface Form {
  readonly fin?: boolean;
  readonly masked?: boolean;
  readonly reserved?: number;
}

/** A frame as clients send it, or should not. */
export function frame(opcode: number, payload: Buffer, form: Form = {}): Buffer {
  const { masked = true } = form;
  return Buffer.concat([
    headOf(opcode, payload.length, form),
    masked ? payload.map((byte, i) => byte ^ mask(i)) : payload,
  ]);
}

const mask = (i: number) => [0x12, 0x34, 0x56, 0x78][i % 4] ?? 0;

/** The header before the payload. The payload may be shorter than the header's length. */
export function headOf(opcode: number, length: number, { fin = true, masked = true, reserved = 0 }: Form = {}): Buffer {
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const bit = masked ? 0x80 : 0;
  const key = masked ? [mask(0), mask(1), mask(2), mask(3)] : [];
  if (length < 126) return Buffer.from([first, bit | length, ...key]);
  if (length < 65_536) return Buffer.from([first, bit | 126, length >> 8, length & 255, ...key]);
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  return Buffer.from([first, bit | 127, ...long, ...key]);
}
