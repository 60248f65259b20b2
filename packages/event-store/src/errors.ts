import { defineErrors } from "@kontor/errors";

/** What can go wrong with streams and projections. */
export const eventStoreErrors = defineErrors("event-store.kontor", {
  VERSION_CONFLICT: {
    code: "ABORTED",
    message: (f: { streamId: string; expectedVersion: number }) =>
      `Stream ${f.streamId} is not at version ${f.expectedVersion} any more.`,
    de: "Der Stream {streamId} hat nicht mehr die Version {expectedVersion}.",
  },
  REBUILD_RUNNING: {
    code: "ABORTED",
    message: (f: { projection: string }) => `Another process rebuilds projection ${f.projection}.`,
    de: "Die Projektion {projection} wird schon neu aufgebaut.",
  },
});
