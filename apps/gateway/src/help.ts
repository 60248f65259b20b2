import { describeConfig } from "@kontor/config";
import { processSettings } from "@kontor/service";
import { settings } from "./config.ts";

/** Returns the settings of the gateway as a table for terminals. */
export function help(): string {
  const rows = describeConfig({ ...processSettings, ...settings }).map(
    ({ variable, default: byDefault, required, doc }) => [variable, required ? "required" : byDefault, doc] as const,
  );
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [first, second] = [width(0), Math.min(30, width(1))];
  return `Serves gRPC services as REST, from their contracts alone.

  GATEWAY_DESCRIPTORS=contracts.binpb GATEWAY_UPSTREAMS='{"*":"localhost:5051"}' GATEWAY_AUTH=off npm run gateway

All settings are environment variables:

${rows.map(([variable, value, doc]) => `  ${variable.padEnd(first)}  ${value.padEnd(second)}  ${doc}`).join("\n")}`;
}
