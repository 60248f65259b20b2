import { createAlarms, type Journal } from "@kontor/simulator";
import { advance, type Shipment } from "./domain/shipment.ts";
import { tracking } from "./tracking.ts";

/** How fast parcels move; turned by the control API. */
export interface Pace {
  paused: boolean;
  stepMs: number;
  pickupMs: number;
}

/** Moves each shipment from step to step as time passes, also across restarts. */
export interface Journeys {
  schedule(shipment: Shipment): void;
  /** Takes the next step now, paused or not. Returns the shipment unchanged after the last step. */
  step(shipment: Shipment): Shipment;
  /** Reschedules every shipment by the present pace. */
  resume(): void;
  stop(): void;
}

export function createJourneys(journal: Journal<Shipment>, pace: Pace): Journeys {
  const alarms = createAlarms();

  function schedule({ id, status, at }: Shipment): void {
    alarms.cancel(id);
    if (pace.paused || status === "delivered" || status === "cancelled") return;
    const wait = status === "booked" ? pace.pickupMs : pace.stepMs;
    alarms.set(id, new Date(Date.parse(at) + wait), () => {
      const shipment = journal.get(id);
      if (shipment) step(shipment);
    });
  }

  function step(shipment: Shipment): Shipment {
    const moved = advance(shipment, new Date().toISOString());
    if (!moved) return shipment;
    journal.record({ type: `shipment.${moved.status}`, resource: moved, webhook: tracking(moved) });
    schedule(moved);
    return moved;
  }

  return {
    schedule,
    step,
    resume() {
      for (const shipment of journal.all()) schedule(shipment);
    },
    stop: alarms.cancelAll,
  };
}
