import { list, type Setting, type Settings, text } from "@kontor/config";
import { type AppName, serviceNames } from "@kontor/shop";

const appNames: readonly AppName[] = [...serviceNames, "gateway"];

/** The settings of a group of services. Each service has its own settings next to these. */
export const settings = {
  group: text("KONTOR_GROUP", { default: "shop", doc: "Name of the process in logs and traces." }),
  apps: apps("KONTOR_APPS", {
    doc: "The services that run in this process, separated by commas, and `gateway`. A setting of one of them has its name before it, such as `ORDERS__DATABASE_URL`.",
  }),
} satisfies Settings;

function apps(variable: string, options: { readonly doc: string }): Setting<readonly AppName[]> {
  const setting = list(variable, options);
  return {
    ...setting,
    holds: `a list of ${appNames.join(", ")}`,
    fallback: () => [],
    parse(raw) {
      const parsed = setting.parse(raw);
      if (!("value" in parsed)) return parsed;
      const known = appNames.filter((name) => parsed.value.includes(name));
      const unknown = parsed.value.find((name) => !appNames.some((each) => each === name));
      if (unknown !== undefined) return { problem: `names ${unknown}, which is no app of the shop` };
      return known.length === parsed.value.length ? { value: known } : { problem: "names an app twice" };
    },
  };
}
