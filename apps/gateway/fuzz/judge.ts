import type { DescMessage, Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { MadeRequest, MadeTalk } from "@kontor/transcoder/fuzz";
import type { Answer } from "./connection.ts";
import { judgeTalk } from "./judge-talk.ts";
import type { Seen } from "./upstream.ts";

/** Returns the guarantee of the gateway that a response violates; undefined if none. */
export function judge(
  request: MadeRequest,
  answer: Answer | "closed" | "silent",
  seen: readonly Seen[],
  talk: MadeTalk | undefined,
): string | undefined {
  for (const { method, message } of seen) {
    if (method !== request.route.method || request.bound === undefined) continue;
    for (const [path, told] of request.bound) {
      const actual = valueAt(method.input, message, path);
      if (actual !== told) return `the path has ${path}=${told}, the upstream received ${actual}`;
    }
  }
  if (typeof answer === "string") return undefined;
  const { status, headers, body } = answer;
  const wantsLess = request.headers.some(([name]) => name === "X-Request-Timeout");
  if (status >= 500 && !(status === 504 && wantsLess)) return `${status}: ${body.slice(0, 300)}`;
  if (talk !== undefined && answer.talk !== undefined) return judgeTalk(talk, answer.talk, seen);
  if (status < 100 || Number.isNaN(status)) return "no HTTP";
  if (headers.get("x-content-type-options") !== "nosniff") return `${status} without nosniff`;
  if (!headers.has("x-request-id")) return `${status} without X-Request-Id`;
  const streams = request.route.method.methodKind !== "unary";
  if (status >= 400 && seen.length > 0 && !streams && status !== 504) return `${status}, but the upstream received it`;
  if (status >= 400 && headers.get("content-type") !== "application/problem+json; charset=utf-8")
    return `${status} that is no problem`;
  return undefined;
}

/** The value at a proto path as the text that a path writes. */
function valueAt(desc: DescMessage, message: Message, path: string): string {
  let at: ReflectMessage = reflect(desc, message);
  const steps = path.split(".");
  for (const [i, step] of steps.entries()) {
    const field = at.fields.find(({ name }) => name === step);
    if (field === undefined) return "no field";
    if (field.fieldKind === "message" && i < steps.length - 1) at = at.get(field);
    else if (field.fieldKind === "enum") {
      const number = at.get(field);
      return field.enum.values.find((value) => value.number === number)?.name ?? String(number);
    } else if (field.fieldKind === "scalar") {
      const value = at.get(field);
      return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
    }
  }
  return "no scalar";
}
