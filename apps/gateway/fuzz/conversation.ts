import type { Socket } from "node:net";
import type { MadeTalk } from "@kontor/transcoder/fuzz";

/** The frames received over a WebSocket. */
export interface Conversation {
  readonly texts: readonly string[];
  /** The code that the gateway closed with; undefined when it just went. */
  readonly code: number | undefined;
  readonly reason: string;
  /** The fault of the received bytes, if they are no WebSocket. */
  readonly broken: string | undefined;
  /** Whether the connection was still open when patience ended. */
  readonly isOpen: boolean;
}

const quietMs = 60;
const patienceMs = 3_000;
const goodbye = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

/** Sends all frames in order, then a close frame, and reads until the gateway closes. `head` arrived with the handshake. */
export async function converse(socket: Socket, head: Buffer, { frames, cut }: MadeTalk): Promise<Conversation> {
  let received = head;
  const closed = new Promise<void>((resolve) => socket.once("close", resolve));
  const over = new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (read(received).code !== undefined) resolve();
    });
  });
  const ended = Promise.race([closed, over]);
  for (const frame of frames) socket.write(frame);
  if (cut) socket.end();
  else if ((await Promise.race([ended, pause(quietMs)])) === "over time") socket.write(goodbye);
  const isOpen = (await Promise.race([ended, pause(patienceMs)])) === "over time";
  socket.destroy();
  return { ...read(received), isOpen };
}

function pause(ms: number): Promise<"over time"> {
  return new Promise((resolve) => setTimeout(resolve, ms, "over time").unref());
}

function read(bytes: Buffer): Omit<Conversation, "isOpen"> {
  const texts: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
    const short = second & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (at + 2 + extra > bytes.length) break;
    const length = extra === 0 ? short : bytes.readUIntBE(at + 2 + (extra === 8 ? 2 : 0), extra === 8 ? 6 : 2);
    const payload = bytes.subarray(at + 2 + extra, at + 2 + extra + length);
    if (payload.length < length) break;
    at += 2 + extra + length;
    const opcode = first & 0x0f;
    if (second & 0x80 || first & 0x70)
      return { texts, code: undefined, reason: "", broken: "a masked or marked frame" };
    if (opcode === 1) texts.push(payload.toString());
    else if (opcode === 8) {
      const code = payload.length >= 2 ? payload.readUInt16BE() : 1005;
      return { texts, code, reason: payload.subarray(2).toString(), broken: undefined };
    } else if (opcode !== 9 && opcode !== 10) return { texts, code: undefined, reason: "", broken: `opcode ${opcode}` };
  }
  return { texts, code: undefined, reason: "", broken: undefined };
}
