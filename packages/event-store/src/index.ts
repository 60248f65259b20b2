export {
  defineEvents,
  type EventCodec,
  type EventDefinition,
  type EventPlace,
  type EventShape,
  type Facts,
  type Json,
  type JsonObject,
  type StoredEvent,
  type Upcaster,
} from "./codec.ts";
export { eventStoreErrors } from "./errors.ts";
export {
  type AppendOptions,
  createEventStore,
  type EventStore,
  type EventStoreOptions,
  type Fold,
} from "./event-store.ts";
export { type GoldenEvent, goldenFaults } from "./golden.ts";
export { defineProjection, type Projection } from "./projection.ts";
export { type RebuildOptions, type RebuildProgress, rebuildProjection } from "./rebuild.ts";
export type { EventMetadata, Recorded } from "./recorded.ts";
export type { Replacement } from "./replace.ts";
export { eventStoreTables } from "./tables.ts";
export { type ProjectionDifference, verifyProjection } from "./verify.ts";
