import { autoscale } from "./acts/autoscale.ts";
import { crash } from "./acts/crash.ts";
import { discovery } from "./acts/discovery.ts";
import { doctorPasses } from "./acts/doctor.ts";
import { dryRun } from "./acts/dry-run.ts";
import { grpc } from "./acts/grpc.ts";
import { helmTest } from "./acts/helm-test.ts";
import { install } from "./acts/install.ts";
import { kill } from "./acts/kill.ts";
import { memory } from "./acts/memory.ts";
import { policies } from "./acts/policies.ts";
import { production } from "./acts/production.ts";
import { quota } from "./acts/quota.ts";
import { refusal } from "./acts/refusal.ts";
import { reinstall } from "./acts/reinstall.ts";
import { requests } from "./acts/requests.ts";
import { restart } from "./acts/restart.ts";
import { rollback } from "./acts/rollback.ts";
import { scale } from "./acts/scale.ts";
import { steady } from "./acts/steady.ts";
import { topology } from "./acts/topology.ts";
import { uninstall } from "./acts/uninstall.ts";
import { upgrade } from "./acts/upgrade.ts";
import type { Act } from "./world.ts";

/** In the order in which they are played. */
export const acts: readonly Act[] = [
  dryRun,
  install,
  grpc,
  helmTest,
  memory,
  policies,
  scale,
  kill,
  discovery,
  upgrade,
  rollback,
  topology,
  crash,
  restart,
  requests,
  autoscale,
  steady,
  refusal,
  doctorPasses,
  uninstall,
  quota,
  reinstall,
  production,
];

export const actNames: readonly string[] = acts.map(({ name }) => name);
