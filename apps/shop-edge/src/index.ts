import type { Composition } from "@kontor/transcoder";
import { orderDetails } from "./order-details.ts";
import { productPage } from "./product-page.ts";

/** The RPCs of the shop that its edge implements, by calls of several services. */
export const compositions: readonly Composition[] = [orderDetails, productPage];
