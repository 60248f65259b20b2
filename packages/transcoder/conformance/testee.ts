import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import Fastify from "fastify";
import { jsonOfAnswer, transcoder } from "../src/index.ts";
import type { ConformanceContract } from "./contract.ts";

/** A request of the runner: read this message, and write it in another format. */
export interface Task {
  readonly payload: { readonly case: string | undefined; readonly value?: unknown };
  readonly requestedOutputFormat: number;
  readonly messageType: string;
  readonly testCategory: number;
}

/** The result, as a member of the runner's `result`. */
export type Outcome =
  | {
      readonly case: "jsonPayload" | "parseError" | "serializeError" | "runtimeError" | "skipped";
      readonly value: string;
    }
  | { readonly case: "protobufPayload"; readonly value: Uint8Array };

const PROTOBUF = 1;
const JSON_FORMAT = 2;
const IGNORE_UNKNOWN = 3;

/** Whether responses are made from messages, or directly from the bytes of the upstream. */
export type AnswersFrom = "messages" | "wire";

/** The plugin as the runner tests it: JSON is read from the body of a request and written to the body of a response. */
export async function createTestee(
  { registry }: ConformanceContract,
  from: AnswersFrom,
): Promise<(task: Task) => Promise<Outcome>> {
  const app = Fastify();
  let seen: Message | undefined;
  let sent: Uint8Array | undefined;
  await app.register(transcoder, {
    descriptors: registry,
    async invoke({ message, method, found }) {
      seen = message;
      const bytes = sent ?? toBinary(method.input, message);
      const json = from === "wire" ? jsonOfAnswer(found.route, bytes) : undefined;
      return { message: fromBinary(method.output, bytes), ...(json !== undefined && { json }) };
    },
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const skipped = (value: string): Outcome => ({ case: "skipped", value });

  async function exchange(type: string, body: string): Promise<Exchanged> {
    seen = undefined;
    const headers = { "Content-Type": "application/json" };
    const answered = await fetch(`${url}/${type}`, { method: "POST", headers, body });
    return { status: answered.status, text: await answered.text(), message: seen };
  }

  return async ({ payload, requestedOutputFormat: wanted, messageType, testCategory }) => {
    const type = registry.getMessage(messageType);
    if (type === undefined) return skipped(`no ${messageType}`);
    if (testCategory === IGNORE_UNKNOWN) return skipped("unknown fields are refused");
    if (wanted !== PROTOBUF && wanted !== JSON_FORMAT) return skipped("not a format of the edge");
    if (payload.case === "jsonPayload") {
      sent = undefined;
      return outcomeOf(type, wanted, await exchange(messageType, String(payload.value)));
    }
    if (payload.case !== "protobufPayload" || wanted !== JSON_FORMAT) return skipped("not a format of the edge");
    sent = payload.value as Uint8Array;
    try {
      fromBinary(type, sent);
    } catch (error) {
      return { case: "parseError", value: String(error) };
    }
    return outcomeOf(type, wanted, await exchange(messageType, "{}"));
  };
}

interface Exchanged {
  readonly status: number;
  readonly text: string;
  readonly message: Message | undefined;
}

function outcomeOf(type: DescMessage, wanted: number, { status, text, message }: Exchanged): Outcome {
  if (message === undefined) return { case: status === 400 ? "parseError" : "runtimeError", value: text };
  if (wanted === PROTOBUF) return { case: "protobufPayload", value: toBinary(type, message) };
  return status === 200 ? { case: "jsonPayload", value: text } : { case: "serializeError", value: text };
}
