import { Health, HealthCheckResponse_ServingStatus as Serving } from "@kontor/contracts/grpc/health/v1/health";
import { defineErrors } from "@kontor/errors";
import { type Implementation, implement } from "../server/implement.ts";

const healthErrors = defineErrors("health.kontor", {
  SERVICE_UNKNOWN: {
    code: "NOT_FOUND",
    message: ({ service }: { service: string }) => `This server does not serve ${service}.`,
    de: "Dieser Server bietet {service} nicht an.",
  },
});

/** The standard health service (https://grpc.io/docs/guides/health-checking/); "" means the whole server. */
export function createHealth(services: readonly string[]): {
  readonly implementation: Implementation;
  setServing(serving: boolean): void;
} {
  const known = new Set(["", ...services]);
  let current = Serving.NOT_SERVING;
  let changed = Promise.withResolvers<void>();
  const statusOf = (service: string) => (known.has(service) ? current : Serving.SERVICE_UNKNOWN);

  const implementation = implement(Health, {
    async check({ service }) {
      if (!known.has(service)) throw healthErrors.SERVICE_UNKNOWN({ service });
      return { status: current };
    },
    async *watch({ service }) {
      for (;;) {
        const { promise } = changed;
        yield { status: statusOf(service) };
        await promise;
      }
    },
  });

  return {
    implementation,
    setServing(serving) {
      const next = serving ? Serving.SERVING : Serving.NOT_SERVING;
      if (next === current) return;
      current = next;
      const { resolve } = changed;
      changed = Promise.withResolvers();
      resolve();
    },
  };
}
