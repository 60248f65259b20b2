import { type Running, runProcess } from "@kontor/simulator";
import { startCarrierSimulator } from "../../carrier-simulator/src/app.ts";
import { readConfig as readCarrier } from "../../carrier-simulator/src/config.ts";
import { startMailSink } from "../../mail-sink/src/app.ts";
import { readConfig as readMailSink } from "../../mail-sink/src/config.ts";
import { startPspSimulator } from "../../psp-simulator/src/app.ts";
import { readConfig as readPsp } from "../../psp-simulator/src/config.ts";

/** Runs the simulators of all external systems as one process. Settings of each have its name before them: `MAIL_SINK__SMTP_PORT`. */
await runProcess("simulators", async (): Promise<Running> => {
  const simulators = await Promise.all([
    startPspSimulator(readPsp(environmentOf("PSP_SIMULATOR"))),
    startCarrierSimulator(readCarrier(environmentOf("CARRIER_SIMULATOR"))),
    startMailSink(readMailSink(environmentOf("MAIL_SINK"))),
  ]);
  return {
    ready: { simulators: simulators.length },
    close: async () => {
      await Promise.all(simulators.map((each) => each.close()));
    },
  };
});

function environmentOf(name: string): NodeJS.ProcessEnv {
  const prefix = `${name}__`;
  const own = Object.entries(process.env).filter(([variable]) => variable.startsWith(prefix));
  return Object.fromEntries(own.map(([variable, value]) => [variable.slice(prefix.length), value]));
}
