export { ApiError, type ApiServer, type SliceEvent, type SliceList } from "./api-server.ts";
export { addressesOf, type EndpointSlice } from "./endpoint-slice.ts";
export { isServiceTarget, parseServiceTarget, type ServiceTarget } from "./target.ts";
export { type EndpointsObserver, type WatchOptions, watchEndpoints } from "./watch-endpoints.ts";
