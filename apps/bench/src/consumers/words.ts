import type { Topology } from "@kontor/nats";

/** The stream and the consumer that are measured. */
export const topology = {
  streams: [{ name: "words", package: "google.protobuf", service: "bench" }],
  consumers: [
    {
      durable: "bench-words",
      service: "bench",
      stream: "words",
      events: ["google.protobuf.StringValue"],
      maxPartitions: 64,
    },
  ],
} as const satisfies Topology;
