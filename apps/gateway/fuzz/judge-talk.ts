import type { MadeTalk } from "@kontor/transcoder/fuzz";
import type { Conversation } from "./conversation.ts";
import type { Seen } from "./upstream.ts";

/** The codes of RFC 6455 for invalid frames, and those of the gateway for the client's faults and requests: 4001, 4003, 4004. */
const deserved = new Set([1000, 1002, 1003, 1007, 1009, 4001, 4003, 4004]);

/** Returns the guarantee of the gateway that a conversation violates; undefined if none. */
export function judgeTalk({ closing, cut }: MadeTalk, talk: Conversation, seen: readonly Seen[]): string | undefined {
  if (talk.broken !== undefined) return `it sent ${talk.broken}`;
  if (talk.isOpen) return "it did not close";
  if (talk.texts.length > seen.length) return `${talk.texts.length} responses to ${seen.length} messages`;
  for (const text of talk.texts) {
    try {
      JSON.parse(text);
    } catch {
      return `it sent a message that is no JSON: ${text.slice(0, 100)}`;
    }
  }
  const { code, reason } = talk;
  if (code === undefined) return cut ? undefined : "it went without a close frame";
  return deserved.has(code) || closing.includes(code) || code === 1005 ? undefined : `it closed with ${code} ${reason}`;
}
