import { type Simulator, startSimulator } from "@kontor/simulator";
import { createApprovals } from "./approvals.ts";
import type { Config } from "./config.ts";
import type { Payment } from "./domain/payment.ts";
import { createView } from "./payment-view.ts";
import { challengeRoutes } from "./routes/challenges.ts";
import { operationRoutes } from "./routes/operations.ts";
import { queryRoutes } from "./routes/queries.ts";

export function startPspSimulator(config: Config): Promise<Simulator> {
  return startSimulator<Payment>(config, ({ journal, operation, address }) => {
    const view = createView(address);
    const approvals = createApprovals({ journal, view, slowMs: config.slowMs });
    return {
      routes: [
        ...operationRoutes({ journal, operation, view, approvals, holdMs: config.holdMs }),
        ...challengeRoutes({ journal, view }),
        ...queryRoutes({ journal, view }),
      ],
      start: approvals.resume,
      stop: approvals.stop,
    };
  });
}
