export { isSignedBy, type SignedMessage, signedMessage } from "./signed-message.ts";
