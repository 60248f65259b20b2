export {
  DEFAULT_PAYMENT_METHODS,
  PAYMENT_METHODS_DOC,
  type PaymentMethods,
  paymentMethods,
} from "./payment-methods.ts";
export { eachService, type ServiceName, serviceNames, services } from "./services.ts";
export { shop } from "./shop.ts";
export { issuerKeys, usersAddress } from "./token-issuer.ts";
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
export { orderUpcasters, paymentRefundedUpcasters } from "./upcasters.ts";
