import { execFile, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { logIn, type RunFile, shopClient } from "@kontor/launcher";
import { openDatabase } from "@kontor/postgres";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { restCalls } from "./rest-calls.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 }); // Each command installs, generates or tests a whole tree.

const root = resolve(fileURLToPath(import.meta.url), "../../../..");
const copy = mkdtempSync(join(tmpdir(), "kontor-new-service-"));
const node = process.execPath;
const bin = (name: string) => join(copy, "node_modules/.bin", name);
const data = join(copy, ".kontor");

const run = (program: string, ...args: string[]) =>
  promisify(execFile)(program, args, { cwd: copy, maxBuffer: 2 ** 26 }).then(({ stdout }) => stdout);
const kontor = (...args: string[]) => run(node, "scripts/run.mjs", "kontor", ...args);
const git = (...args: string[]) => run("git", "-c", "user.name=test", "-c", "user.email=test@kontor.example", ...args);

async function commit(): Promise<void> {
  await git("add", "--all");
  await git("commit", "--quiet", "--no-verify", "--message", "test");
}

beforeAll(async () => {
  chmodSync(copy, 0o755); // PostgreSQL, which does not run as root, stores its data in it.
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  for (const file of listed.split("\n").filter((path) => path !== "" && existsSync(join(root, path))))
    cpSync(join(root, file), join(copy, file), { recursive: true, verbatimSymlinks: true });
  await git("init", "--quiet");
  await commit();
  await kontor("new", "service", "reviews");
  await commit();
  await kontor("new", "rpc", "reviews", "CountVotes", "--public");
  await commit();
  await kontor("new", "event", "reviews", "VoteCounted", "--consumer", "payments");
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

it("a new service, RPC and event pass types, lint, language, their own tests and those of the lists of services", async () => {
  await run(bin("buf"), "lint");
  await run(bin("tsc"), "--project", ".");
  await run(bin("biome"), "ci");
  await run(node, "scripts/check-prose.ts");
  const tests = [
    "apps/reviews",
    "apps/payments/test/vote-counted",
    "apps/shop",
    "apps/e2e/test/delivery",
    "apps/e2e/test/docs",
    "apps/e2e/test/retention",
  ];
  expect(await run(node, "scripts/run.mjs", "test", ...tests, "apps/e2e/test/charts/charts")).toMatch(
    /[1-9]\d* passed, 0 failed/,
  );
});

it("a new service and its RPC run in npm start, and are called over REST", async () => {
  const offset = String(1_000 + (process.pid % 1_000));
  const start = ["scripts/run.mjs", "start", "--no-seed", "--data", data, "--port-offset", offset];
  const shop = spawn(node, start, { cwd: copy, stdio: ["ignore", "ignore", "inherit"] });
  try {
    const { gateway, databases } = await eventually(
      async () => JSON.parse(readFileSync(join(data, "run.json"), "utf8")) as RunFile,
      {
        timeoutMs: 300_000,
      },
    );
    const { token, userId } = await shopper(gateway);
    const anyone = restCalls(gateway);
    const { text } = await restCalls(gateway, token).send("POST", "/api/v1/reviews", { title: "Good" });
    const created = JSON.parse(text) as { id: string; title: string };
    expect(created.title).toBe("Good");
    expect(JSON.parse((await anyone.send("GET", `/api/v1/reviews/${created.id}`)).text)).toEqual(created);
    expect((await anyone.send("POST", "/api/v1/reviews", { title: "Bad" })).status).toBe(401);
    expect((await anyone.send("GET", "/api/v1/reviews/none")).text).toContain("REVIEW_NOT_FOUND");
    expect(JSON.parse((await anyone.send("GET", "/api/v1/reviews/1:countVotes")).text)).toEqual({ id: "1" });

    const db = openDatabase({ url: databases.reviews ?? "", service: "test", max: 1 });
    const counts = "SELECT key, count FROM event_counts WHERE key = $1";
    await eventually(async () => expect(await db.query(counts, [userId])).toEqual([{ key: userId, count: 1n }]), {
      timeoutMs: 60_000,
    }).finally(() => db.close());
  } finally {
    shop.kill("SIGTERM");
    await once(shop, "exit");
  }
});

it.each([
  ["event", ["reviews", "VoteCounted"], "HEAD~1"],
  ["rpc", ["reviews", "CountVotes"], "HEAD~3"],
  ["service", ["reviews"], "HEAD~5"],
] as const)("a removed %s leaves the tree as before", async (kind, names, before) => {
  await commit();
  await kontor("remove", kind, ...names);
  await git("add", "--all");
  expect(await git("diff", "--cached", "--stat", before)).toBe("");
});

async function shopper(gateway: string): Promise<{ token: string; userId: string }> {
  const [email, password] = [`shopper-${randomUUID()}@kontor.example`, `correct-${randomUUID()}`];
  await shopClient(gateway).users.register({ email, password, displayName: "Ada" });
  const { accessToken, userId } = await logIn(gateway, email, password);
  return { token: accessToken, userId };
}
