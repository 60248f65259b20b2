import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("the options of npm start", () => {
  it("allow pages of this machine from any port, and count requests, by default", () => {
    const options = readOptions([]);
    expect(options?.corsOrigins).toContain("http://localhost:*");
    expect(options?.corsOrigins).not.toContain("*");
    expect(options?.rateLimits).toBe(true);
    expect(readOptions(["--no-rate-limits"])?.rateLimits).toBe(false);
  });

  it("divide services over processes by --topology, and separate those of --apart", () => {
    expect(readOptions([])).toMatchObject({ topology: "many", apart: [] });
    const options = readOptions(["--topology", "one", "--apart", "orders", "--apart=users"]);
    expect(options).toMatchObject({ topology: "one", apart: ["orders", "users"] });
    expect(() => readOptions(["--topology", "two"])).toThrow("--topology two is none of one, grouped, many");
    expect(() => readOptions(["--apart", "gateway"])).toThrow("--apart gateway is none of");
  });

  it("add every origin of --cors", () => {
    const options = readOptions(["--cors", "https://Shop.example", "--cors=http://192.168.0.7:3000/"]);
    expect(options?.corsOrigins).toEqual(expect.arrayContaining(["https://shop.example", "http://192.168.0.7:3000"]));
    expect(readOptions(["--cors", "*"])?.corsOrigins).toEqual(["*"]);
  });

  it.each(["shop.example", "localhost:3000", "https://shop.example/path", "https://a@shop.example", "ftp://a", " "])(
    "refuse %j as an origin",
    (text) => {
      expect(() => readOptions(["--cors", text])).toThrow("--cors must be an origin");
    },
  );

  it.each([" ", "a", "0", "65536", "80.5"])("refuse %j as a port", (text) => {
    expect(() => readOptions(["--port", text])).toThrow("--port must be a whole number");
  });

  it("give settings to PostgreSQL", () => {
    expect(readOptions(["--postgres", "work_mem=8MB", "--postgres=a.b=c=d"])?.postgres).toEqual({
      work_mem: "8MB",
      "a.b": "c=d",
    });
    expect(() => readOptions(["--postgres", "work_mem"])).toThrow(
      '--postgres must be NAME=VALUE, such as work_mem=8MB, not "work_mem".',
    );
  });
});
