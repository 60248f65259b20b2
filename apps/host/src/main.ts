import { readConfig } from "@kontor/config";
import { runGroup } from "@kontor/service";
import { loadApps } from "./apps.ts";
import { settings } from "./config.ts";

const { group, apps } = readConfig(settings, process.env);
await runGroup({ name: group, ...(await loadApps(apps)) });
