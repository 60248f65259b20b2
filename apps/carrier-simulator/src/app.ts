import { type Simulator, startSimulator } from "@kontor/simulator";
import type { Config } from "./config.ts";
import type { Shipment } from "./domain/shipment.ts";
import { createJourneys } from "./journeys.ts";
import { rateRoutes } from "./routes/rates.ts";
import { shipmentRoutes } from "./routes/shipments.ts";

export function startCarrierSimulator(config: Config): Promise<Simulator> {
  return startSimulator<Shipment>(config, ({ journal, operation }) => {
    const pace = { paused: false, stepMs: config.stepMs, pickupMs: config.pickupMs };
    const journeys = createJourneys(journal, pace);
    return {
      routes: [...shipmentRoutes({ journal, operation, journeys }), ...rateRoutes()],
      start: journeys.resume,
      stop: journeys.stop,
      knobs: pace,
      turned: journeys.resume,
    };
  });
}
