import type { System } from "@kontor/service";

/** What the services of the library share. It has one service, which publishes events and consumes its own. */
export const library: System = {
  topology: {
    streams: [{ name: "library", package: "acme.library.v1", service: "library" }],
    consumers: [
      { durable: "library-demand", service: "library", stream: "library", events: ["acme.library.v1.BookLent"] },
    ],
  },
};
