import { usersAddress } from "../../apps/shop/src/index.ts";
import { describeConfig, type SettingDescription, type Settings } from "../../packages/config/src/index.ts";
import { groupSettings, processSettings, serviceSettings } from "../../packages/service/src/index.ts";
import { gatewayProcess, hostSettings, serviceApps } from "./apps.ts";
import { code, generated, table } from "./page.ts";

/** A title, its settings, and a text that follows them. */
type Section = readonly [title: string, settings: Settings, more: string];

/** Returns docs/reference/settings.md, from the tables that the processes read their environment by. */
export function settingsPage(): string {
  const sections: readonly Section[] = [
    ["Every process", processSettings, known],
    ["Every service, in addition", { ...serviceSettings, usersAddress }, ""],
    ["host, a group of services in one process", { ...groupSettings, ...hostSettings }, ""],
    ["gateway", gatewayProcess.settings, ""],
    ...serviceApps.map(({ name, settings }): Section => [name, settings, ""]),
  ];
  return `${generated}# Settings\n\n${introduction}\n${sections.map(section).join("\n")}`;
}

const introduction = `All settings are environment variables. A process reads them once, when it starts, and refuses to start with a list of
all that is wrong. A variable without a default must be set, unless it is optional. Secrets (🔒) appear in no log and no error.
`;

const known = `
${table(
  ["Variable", "Holds", "Default", "Meaning"],
  [
    ["`LOG_LEVEL`", "a level of pino", "`info`", "`debug` also logs every RPC."],
    [
      "`OTEL_EXPORTER_OTLP_ENDPOINT`",
      "a URL",
      "",
      "Where spans are sent, by OTLP over HTTP as JSON. Unset: tracing is off.",
    ],
    [
      "`OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`",
      "as OpenTelemetry says",
      "`parentbased_always_on`",
      "Which traces are kept.",
    ],
    ["`OTEL_SERVICE_NAME`", "a name", "the process's", "`service.name` of its spans."],
    ["`OTEL_SDK_DISABLED`", "true or false", "`false`", "Turns tracing off whatever else is set."],
  ],
)}
`;

function section([title, settings, more]: Section): string {
  const rows = describeConfig(settings).map((setting) => [
    code(setting.variable) + (setting.secret ? " 🔒" : ""),
    setting.holds,
    defaultOf(setting),
    setting.doc,
  ]);
  const own = rows.length > 0 ? table(["Variable", "Holds", "Default", "Meaning"], rows) : "Nothing of its own.";
  return `## ${title}\n\n${own}\n${more}`;
}

function defaultOf({ default: text, required, secret }: SettingDescription): string {
  if (text !== "") return code(text);
  if (required) return "required";
  return secret ? "" : "optional";
}
