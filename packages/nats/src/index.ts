export { connectOptions } from "./connect-options.ts";
export { type Nats, type NatsObserver, openNats, type Session } from "./connection.ts";
export { bothNames, currentName, formerName, type Renamed, type Renaming } from "./former-names.ts";
export { type NatsConfig, natsSettings } from "./settings.ts";
export {
  type ConsumerDeclaration,
  type EdgeDeclaration,
  partitionDurable,
  type StreamDeclaration,
  type Topology,
} from "./topology.ts";
export { ANONYMOUS, type NatsUser, natsUsers, OPERATOR, serverUsers, wakeUpSubject } from "./users.ts";
