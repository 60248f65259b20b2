import { defineErrors } from "@kontor/errors";

/** The failures of streams and projections. */
export const eventStoreErrors = defineErrors("event-store.kontor", {
  VERSION_CONFLICT: {
    code: "ABORTED",
    message: (f: { streamId: string; expectedVersion: number }) =>
      `Stream ${f.streamId} is not at version ${f.expectedVersion} any more.`,
    de: "Der Stream {streamId} hat nicht mehr die Version {expectedVersion}.",
  },
  EVENT_UNKNOWN: {
    code: "UNAVAILABLE",
    message: (f: { type: string; schemaVersion: number; known: number; streamId: string; version: number }) =>
      `Event ${f.version} of stream ${f.streamId} is ${f.type} in version ${f.schemaVersion}; this release reads it up to version ${f.known}. Finish the upgrade, or deploy the release that wrote it.`,
    de: "Ereignis {version} des Streams {streamId} ist {type} in Version {schemaVersion}. Diese Version liest es bis Version {known}.",
  },
  EVENT_UNREADABLE: {
    code: "DATA_LOSS",
    message: (f: { type: string; schemaVersion: number; streamId: string; version: number }) =>
      `Event ${f.version} of stream ${f.streamId} cannot be read as ${f.type} in version ${f.schemaVersion}.`,
    de: "Ereignis {version} des Streams {streamId} kann nicht als {type} in Version {schemaVersion} gelesen werden.",
  },
  REBUILD_RUNNING: {
    code: "ABORTED",
    message: (f: { projection: string }) => `Another process rebuilds projection ${f.projection}.`,
    de: "Die Projektion {projection} wird schon neu aufgebaut.",
  },
});
