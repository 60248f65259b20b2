import { connect, type Socket } from "node:net";
import type { MadeTalk } from "@kontor/transcoder/fuzz";
import { type Conversation, converse } from "./conversation.ts";
import type { Wire } from "./wire.ts";

/** A response, or the received part of it. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The same, as bytes. */
  readonly rest: Buffer;
  /** The conversation, if the connection became a WebSocket. */
  readonly talk?: Conversation;
}

/** How long the gateway may be silent before it counts as stuck: longer than a request that never ends may take. */
const patienceMs = 3_000;

/** A connection that remains open until the gateway closes it. */
export interface Connection {
  /** Undefined without a response: the connection was closed, or the request is incomplete. */
  send(wire: Wire, isHead: boolean, talk: MadeTalk | undefined): Promise<Answer | "closed" | "silent">;
  close(): void;
}

export function openConnection(port: number): Connection {
  let socket: Socket | undefined;
  return {
    async send({ bytes, cut }, isHead, talk) {
      const own = socket?.destroyed === false ? socket : connect(port, "127.0.0.1");
      socket = own;
      own.removeAllListeners().on("error", () => {});
      const { promise, resolve } = Promise.withResolvers<Answer | "closed" | "silent">();
      let received = Buffer.alloc(0);
      const timer = setTimeout(resolve, patienceMs, "silent");
      own.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        const answer = parse(received, isHead, false);
        if (answer !== undefined) resolve(answer);
      });
      own.on("close", () => resolve(parse(received, isHead, true) ?? "closed"));
      own.write(bytes);
      if (cut) own.end();
      const answer = await promise;
      clearTimeout(timer);
      if (talk !== undefined && typeof answer !== "string" && answer.status === 101 && !cut) {
        own.removeAllListeners("data").removeAllListeners("close");
        const { rest } = parse(received, isHead, true) ?? answer;
        return { ...answer, talk: await converse(own, rest, talk) };
      }
      const isOver =
        cut || typeof answer === "string" || answer.status === 101 || answer.headers.get("connection") === "close";
      if (isOver) own.destroy();
      return answer;
    },
    close: () => socket?.destroy(),
  };
}

/** The response, once it is complete. */
function parse(bytes: Buffer, isHead: boolean, ended: boolean): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(first.split(" ")[1]);
  const rest = bytes.subarray(end + 4);
  if (status === 100) return parse(rest, isHead, ended);
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
  );
  const answer = { status, headers, body: rest.toString(), rest };
  if (isHead || status === 204 || status === 304 || status === 101 || ended) return answer;
  const length = headers.get("content-length");
  if (length !== undefined) return rest.length >= Number(length) ? answer : undefined;
  return rest.subarray(-5).toString() === "0\r\n\r\n" ? answer : undefined;
}
