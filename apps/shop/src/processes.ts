// Tools that start processes need these lists, and neither contracts nor servers.
export { eachService, type ServiceName, serviceNames, services } from "./services.ts";
export {
  type AppName,
  addressWithin,
  connectionSettings,
  groupsOf,
  type ProcessGroup,
  type TopologyName,
  topologyNames,
} from "./topologies.ts";
export { topology } from "./topology.ts";
