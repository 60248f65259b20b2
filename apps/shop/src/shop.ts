import type { System } from "@kontor/service";
import { tokenIssuer } from "./token-issuer.ts";
import { topology } from "./topology.ts";

/** The part that the services of the shop share. */
export const shop: System = { topology, issuer: tokenIssuer };
