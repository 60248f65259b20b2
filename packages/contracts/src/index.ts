export {
  DEFAULT_PAYMENT_METHODS,
  PAYMENT_METHODS_DOC,
  type PaymentMethods,
  paymentMethods,
} from "./payment-methods.ts";
export { type Topology, topology } from "./topology.ts";
