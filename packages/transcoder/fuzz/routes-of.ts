import type { DescService, Registry } from "@bufbuild/protobuf";
import { buildRoutes } from "../src/routing/build-routes.ts";
import type { Route } from "../src/routing/route.ts";

/** The routes that a registry is served under. */
export function routesOf(registry: Registry): readonly Route[] {
  const services: DescService[] = [];
  for (const type of registry) if (type.kind === "service") services.push(type);
  return buildRoutes(services, () => true).routes;
}
