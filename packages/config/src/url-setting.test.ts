import { describe, expect, it } from "vitest";
import { checkUrl, optionalUrl, readConfig, url, urls } from "./index.ts";

const http = { protocols: ["http", "https"], path: true };
const postgres = { protocols: ["postgres"], userInfo: true, path: true, query: ["sslmode", "host"] };

describe("a URL setting", () => {
  it.each([
    [http, "https://psp.example/base/v2"],
    [http, "http://[::1]:8080"],
    [postgres, "postgres://orders:p%40ss@db:5432/orders?sslmode=require"],
    [postgres, "postgres:///orders?host=/run/postgresql"],
    [{ protocols: ["nats"] }, "nats://host/"],
  ])("%j accepts %s unchanged", (rules, text) => {
    expect(checkUrl(text, rules)).toEqual({ value: text });
  });

  it.each([
    [http, "psp.example", "is not a URL"],
    [http, "ftp://psp.example", "is not a URL that starts with http:// or https://"],
    [http, "https://user:pw@psp.example", "holds user information, which is not used"],
    [http, "https://psp.example?key=1", "holds the query parameter key, which is not used"],
    [http, "https://psp.example#here", "holds a fragment, which is not used"],
    [http, "https://psp.example:0", "names port 0"],
    [{ protocols: ["http"] }, "http://host/path", "holds a path, which is not used"],
    [postgres, "postgres:///orders", "names no host"],
    [
      postgres,
      "postgres://db/orders?connection_limit=5",
      "holds the query parameter connection_limit, which is not used",
    ],
  ])("%j refuses %s by the part that its reader would drop", (rules, text, problem) => {
    expect(checkUrl(text, rules)).toEqual({ problem });
  });

  it("refuses at start with its name and without its value", () => {
    const settings = {
      one: url("ONE_URL", { ...http, doc: "One." }),
      other: optionalUrl("OTHER_URL", { ...http, doc: "Another." }),
      list: urls("LIST_URL", { ...http, default: [], doc: "Several." }),
    };
    const environment = { ONE_URL: "https://a:hunter2@one", LIST_URL: "http://ok, http://bad?x=hunter2" };
    expect(() => readConfig(settings, environment)).toThrow(
      /ONE_URL holds user information[\s\S]*LIST_URL holds the query/,
    );
    expect(() => readConfig(settings, environment)).not.toThrow(/hunter2/);
    expect(readConfig(settings, { ONE_URL: "http://one", LIST_URL: "http://a , http://b" })).toEqual({
      one: "http://one",
      other: undefined,
      list: ["http://a", "http://b"],
    });
  });
});
