export { appendEventsOf, appendedValues } from "./appended-events.ts";
export { type Audit, audit, republishAll } from "./audit.ts";
export {
  type BatchedEvent,
  type ConsumerDefinition,
  defineConsumer,
  type Effect,
  type EventContext,
  type EventHandler,
  on,
  onBatch,
  onJoined,
  type PreparedEvent,
} from "./consumer-definition.ts";
export { type DeadLetter, type DeadLetterFilter, type DeadLetters, deadLetterErrors } from "./dead-letter.ts";
export { deadLetters } from "./dead-letters.ts";
export {
  type DeferredFilter,
  type DeferredMessage,
  type DeferredMessages,
  deferredErrors,
  deferredMessages,
} from "./deferred-messages.ts";
export { currentDurables } from "./durables.ts";
export { event, type OutgoingEvent } from "./event.ts";
export { type EventUpcasters, eventErrors, versionOf } from "./event-version.ts";
export { createMessaging, type Messaging, type MessagingOptions } from "./messaging.ts";
export { outbox } from "./outbox.ts";
export { PermanentError } from "./permanent-error.ts";
export { messagingRetention } from "./retention.ts";
export { defaultSettings, type MessagingSettings } from "./settings.ts";
export { messagingTables } from "./tables.ts";
export type { ConsumerDeclaration, StreamDeclaration, Topology } from "./topology.ts";
