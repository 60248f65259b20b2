export { isSignedBy, type SignedMessage, signedMessage } from "./signed-message.ts";
export { eventsOf, handleEach, type ReadEvent, type WebhookEvent } from "./webhook-events.ts";
