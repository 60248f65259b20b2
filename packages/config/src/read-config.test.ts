import { describe, expect, expectTypeOf, it } from "vitest";
import {
  ConfigError,
  choice,
  describeConfig,
  duration,
  flag,
  integer,
  list,
  optionalText,
  port,
  readConfig,
  text,
  url,
} from "./index.ts";

const settings = {
  port: port("ORDERS_PORT", { default: 50054, doc: "gRPC port." }),
  databaseUrl: url("DATABASE_URL", {
    secret: true,
    protocols: ["postgres", "postgresql"],
    userInfo: true,
    path: true,
    doc: "Database of the service.",
  }),
  token: text("TOKEN", {
    secret: true,
    default: "development-only",
    doc: "Shared token.",
  }),
  expiry: duration("EXPIRY", {
    default: "10m",
    max: 3_600_000,
    doc: "How long a hold lasts.",
  }),
  attempts: integer("ATTEMPTS", {
    default: 3,
    min: 1,
    max: 10,
    doc: "Attempts in all.",
  }),
  seed: flag("SEED", { default: false, doc: "Whether to seed." }),
  origins: list("ORIGINS", { default: [], doc: "Allowed origins." }),
  mode: choice("MODE", {
    values: ["fast", "safe"],
    default: "safe",
    doc: "How to run.",
  }),
  issuer: optionalText("ISSUER", { doc: "Another issuer." }),
};
const databaseUrl = "postgres://orders:hunter2@localhost/orders";

function problemsOf(environment: Record<string, string>) {
  try {
    readConfig(settings, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("The configuration was accepted.");
}

describe("reading the configuration", () => {
  it("takes values from the environment", () => {
    const environment = {
      ORDERS_PORT: "1234",
      DATABASE_URL: databaseUrl,
      EXPIRY: "250ms",
      ATTEMPTS: "5",
      SEED: "true",
      ORIGINS: "a, b,",
      MODE: "fast",
    };
    const expected = {
      port: 1234,
      databaseUrl,
      expiry: 250,
      attempts: 5,
      seed: true,
      origins: ["a", "b"],
      mode: "fast",
      issuer: undefined,
    };
    expect(readConfig(settings, environment)).toEqual({
      ...expected,
      token: "development-only",
    });
  });

  it("falls back to defaults when a variable is unset or blank", () => {
    const config = readConfig(settings, {
      DATABASE_URL: databaseUrl,
      ATTEMPTS: " ",
    });
    expect(config).toMatchObject({
      port: 50054,
      expiry: 600_000,
      attempts: 3,
      seed: false,
      origins: [],
      mode: "safe",
    });
  });

  it("knows the type of each value", () => {
    expectTypeOf(readConfig<typeof settings>).returns.toEqualTypeOf<{
      readonly port: number;
      readonly databaseUrl: string;
      readonly token: string;
      readonly expiry: number;
      readonly attempts: number;
      readonly seed: boolean;
      readonly origins: readonly string[];
      readonly mode: "fast" | "safe";
      readonly issuer: string | undefined;
    }>();
    // @ts-expect-error a default that is not one of the values
    choice("MODE", { values: ["fast", "safe"], default: "slow", doc: "" });
    // @ts-expect-error a default that is not a duration
    duration("EXPIRY", { default: "10 minutes", doc: "" });
  });

  it.each([
    ["250ms", 250],
    ["10s", 10_000],
    ["1.5s", 1_500],
    ["10m", 600_000],
    ["1h", 3_600_000],
  ])("reads the duration %s as %i ms", (EXPIRY, expiry) => {
    expect(readConfig(settings, { DATABASE_URL: databaseUrl, EXPIRY }).expiry).toBe(expiry);
  });

  it("reports all problems at once, each with its variable and remedy", () => {
    const environment = {
      ORDERS_PORT: "70000",
      EXPIRY: "soon",
      ATTEMPTS: "0",
      SEED: "perhaps",
      MODE: "slow",
    };
    const error = problemsOf(environment);
    expect(error.problems.map(({ variable }) => variable)).toEqual([
      "ORDERS_PORT",
      "DATABASE_URL",
      "EXPIRY",
      "ATTEMPTS",
      "SEED",
      "MODE",
    ]);
    expect(error.message).toContain("has 6 problems");
    expect(error.message).toContain('ORDERS_PORT is "70000", which is out of range. Set it to a port, 0 to 65535');
    expect(error.message).toContain("DATABASE_URL is not set. Set it to a URL that starts with postgres://");
    expect(error.message).toContain(
      'ATTEMPTS is "0", which is out of range. Set it to a whole number, 1 to 10 or unset it for "3"',
    );
  });

  it("shows a secret nowhere", () => {
    const error = problemsOf({
      DATABASE_URL: "mysql://orders:hunter2@localhost/orders",
    });
    expect(error.message).toContain("DATABASE_URL is not a URL that starts with postgres://");
    expect(error.message).not.toContain("hunter2");
    expect(JSON.stringify(describeConfig(settings))).not.toContain("development-only");
  });
});

describe("describing the configuration", () => {
  it("lists each variable with the kind of its value and its default as written", () => {
    expect(describeConfig(settings)).toContainEqual({
      variable: "EXPIRY",
      holds: "a duration such as 250ms, 10s, 10m or 7d, at most 3600000ms",
      default: "10m",
      required: false,
      secret: false,
      doc: "How long a hold lasts.",
    });
    expect(
      describeConfig(settings)
        .filter(({ required }) => required)
        .map(({ variable }) => variable),
    ).toEqual(["DATABASE_URL"]);
  });
});
