import { readSettings } from "@kontor/simulator";

export interface Config {
  readonly host: string;
  readonly smtpPort: number;
  readonly httpPort: number;
  /** Without it mails are lost on exit. */
  readonly dataDir: string | undefined;
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readSettings(env, (from) => ({
    host: from.text("HOST", "127.0.0.1"),
    smtpPort: from.integer("SMTP_PORT", 0),
    httpPort: from.integer("HTTP_PORT", 0),
    dataDir: from.optionalText("DATA_DIR"),
  }));
}
