/** The log of a simulator. */
export type Log = Readonly<Record<"info" | "warn" | "error", (fields: object, message: string) => void>>;

/** Creates a log that writes one JSON object a line to stdout, in the form of the shop's logs: `level`, `time`, `service`, fields, `msg`. */
export function createLog(service: string, write: (line: string) => void = writeLine): Log {
  const at = (level: string) => (fields: object, msg: string) =>
    write(JSON.stringify({ level, time: new Date().toISOString(), service, ...described(fields), msg }));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function described(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  );
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
