import type { Act } from "../world.ts";
import { blueGreen } from "./acts/blue-green.ts";
import { gatewayApi } from "./acts/gateway-api.ts";
import { outlier } from "./acts/outlier.ts";
import { strangers } from "./acts/strangers.ts";
import { takesOrders } from "./acts/takes-orders.ts";
import { virtualServices } from "./acts/virtual-services.ts";

/** In the order in which they are played. */
export const acts: readonly Act[] = [takesOrders, virtualServices, blueGreen, outlier, strangers, gatewayApi];

export const actNames = acts.map(({ name }) => name);
