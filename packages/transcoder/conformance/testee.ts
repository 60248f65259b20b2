import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import Fastify from "fastify";
import { transcoder } from "../src/index.ts";
import type { ConformanceContract } from "./contract.ts";

/** What the runner asks: read this, and write it in another format. */
export interface Task {
  readonly payload: { readonly case: string | undefined; readonly value?: unknown };
  readonly requestedOutputFormat: number;
  readonly messageType: string;
  readonly testCategory: number;
}

/** What comes of it, as a member of the runner's `result`. */
export type Outcome =
  | {
      readonly case: "jsonPayload" | "parseError" | "serializeError" | "runtimeError" | "skipped";
      readonly value: string;
    }
  | { readonly case: "protobufPayload"; readonly value: Uint8Array };

const PROTOBUF = 1;
const JSON_FORMAT = 2;
const IGNORE_UNKNOWN = 3;

/** The plugin as the runner tests it: JSON goes in as the body of a request and comes out as the body of an answer. */
export async function createTestee({ registry }: ConformanceContract): Promise<(task: Task) => Promise<Outcome>> {
  const app = Fastify();
  let seen: Message | undefined;
  let answer: Message | undefined;
  await app.register(transcoder, {
    descriptors: registry,
    async invoke({ message }) {
      seen = message;
      return { message: answer ?? message };
    },
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const skipped = (value: string): Outcome => ({ case: "skipped", value });

  async function exchange(type: string, body: string): Promise<{ status: number; text: string }> {
    seen = undefined;
    const headers = { "Content-Type": "application/json" };
    const answered = await fetch(`${url}/${type}`, { method: "POST", headers, body });
    return { status: answered.status, text: await answered.text() };
  }

  return async ({ payload, requestedOutputFormat: wanted, messageType, testCategory }) => {
    const type = registry.getMessage(messageType);
    if (type === undefined) return skipped(`no ${messageType}`);
    if (testCategory === IGNORE_UNKNOWN) return skipped("unknown fields are refused");
    if (wanted !== PROTOBUF && wanted !== JSON_FORMAT) return skipped("not a format of the edge");
    if (payload.case === "jsonPayload") {
      answer = undefined;
      return outcomeOf(type, wanted, seenAfter(await exchange(messageType, String(payload.value))));
    }
    if (payload.case !== "protobufPayload" || wanted !== JSON_FORMAT) return skipped("not a format of the edge");
    try {
      answer = fromBinary(type, payload.value as Uint8Array);
    } catch (error) {
      return { case: "parseError", value: String(error) };
    }
    return outcomeOf(type, wanted, seenAfter(await exchange(messageType, "{}")));
  };

  function seenAfter(answered: { status: number; text: string }) {
    return { ...answered, message: seen };
  }
}

function outcomeOf(
  type: DescMessage,
  wanted: number,
  { status, text, message }: { status: number; text: string; message: Message | undefined },
): Outcome {
  if (message === undefined) return { case: status === 400 ? "parseError" : "runtimeError", value: text };
  if (wanted === PROTOBUF) return { case: "protobufPayload", value: toBinary(type, message) };
  return status === 200 ? { case: "jsonPayload", value: text } : { case: "serializeError", value: text };
}
