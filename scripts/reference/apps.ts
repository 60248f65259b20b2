import { serviceNames } from "../../apps/shop/src/index.ts";
import type { Settings } from "../../packages/config/src/index.ts";
import type { ServiceDefinition } from "../../packages/service/src/index.ts";

export { gatewayProcess } from "../../apps/gateway/src/app.ts";
export { settings as hostSettings } from "../../apps/host/src/config.ts";

/** A service, as `defineService` returned it. */
export type ServiceApp = ServiceDefinition<Settings>;

/** Every service, in the order of the alphabet. */
export const serviceApps: readonly ServiceApp[] = await Promise.all(
  [...serviceNames].sort().map(async (name) => (await import(`../../apps/${name}/src/app.ts`))[`${name}App`]),
);
