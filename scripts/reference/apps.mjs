import { serviceNames } from "../../apps/shop/src/index.ts";

export { gatewayProcess } from "../../apps/gateway/src/app.ts";
export { settings as hostSettings } from "../../apps/host/src/config.ts";

/** Every service, in the order of the alphabet. */
export const serviceApps = await Promise.all(
  [...serviceNames].sort().map(async (name) => (await import(`../../apps/${name}/src/app.ts`))[`${name}App`]),
);
