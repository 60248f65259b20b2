import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

/**
 * Creates the sampler of OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; `parentbased_always_on` if unset, as specified.
 *
 * @throws Error if the name is unknown or the ratio is not between 0 and 1.
 */
export function samplerFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Sampler {
  const name = environment.OTEL_TRACES_SAMPLER || "parentbased_always_on";
  const parentBased = name.startsWith("parentbased_");
  const root = rootSampler(parentBased ? name.slice("parentbased_".length) : name, environment.OTEL_TRACES_SAMPLER_ARG);
  return parentBased ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, argument: string | undefined): Sampler {
  switch (name) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return new TraceIdRatioBasedSampler(ratio(argument));
    default:
      throw new Error(
        `OTEL_TRACES_SAMPLER names "${name}". Use always_on, always_off or traceidratio, each also with "parentbased_" before it.`,
      );
  }
}

function ratio(argument = "1"): number {
  const value = Number(argument);
  if (argument !== "" && value >= 0 && value <= 1) return value;
  throw new Error(`OTEL_TRACES_SAMPLER_ARG is "${argument}". Set it to a number from 0 to 1.`);
}
