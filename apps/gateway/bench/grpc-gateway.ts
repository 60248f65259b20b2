import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const cache = process.env.KONTOR_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "kontor");
const BUDGET_MS = 180_000;

/** The version of the build: change it when the program or its dependencies change. */
const VERSION = "grpc-gateway-2.32.0-3";

const plugins = [
  "google.golang.org/protobuf/cmd/protoc-gen-go",
  "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
  "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway",
];

const template = {
  version: "v2",
  managed: {
    enabled: true,
    disable: [{ path: "google", file_option: "go_package" }],
    override: [{ file_option: "go_package_prefix", value: "bench/gen" }],
  },
  plugins: [
    { local: "protoc-gen-go", out: ".", opt: ["module=bench"] },
    { local: "protoc-gen-go-grpc", out: ".", opt: ["module=bench"] },
    { local: "protoc-gen-grpc-gateway", out: ".", opt: ["module=bench"] },
  ],
};

/**
 * Builds grpc-gateway for the shop's contracts, or returns the reason why it does not take part. It is built once and cached outside of the
 * clone.
 */
export function buildGrpcGateway(): string | undefined {
  const kept = join(cache, VERSION);
  if (existsSync(kept)) return kept;
  if (spawnSync("go", ["version"]).status !== 0) return skipped("there is no Go here");
  console.error("building grpc-gateway, for up to 3 minutes …");
  const work = join(cache, `build-${process.pid}`);
  const until = Date.now() + BUDGET_MS;
  try {
    mkdirSync(work, { recursive: true });
    cpSync(fileURLToPath(new URL("grpc-gateway.go", import.meta.url)), join(work, "main.go"));
    writeFileSync(join(work, "buf.gen.yaml"), JSON.stringify(template));
    const run = runner(work, until);
    run("go", "mod", "init", "bench");
    run("go", "get", "-tool", ...plugins.map((plugin) => (plugin.includes("gateway") ? `${plugin}@v2.32.0` : plugin)));
    for (const plugin of plugins) run("go", "build", "-o", "bin/", plugin);
    const paths = ["shop/catalog", "shop/orders", "shop/users", "kontor", "buf"].flatMap((name) => [
      "--path",
      `proto/${name}`,
    ]);
    run(
      "buf",
      "generate",
      root,
      "--template",
      "buf.gen.yaml",
      ...paths.map((path) => path.replace(/^proto/, join(root, "proto"))),
    );
    run("go", "mod", "tidy");
    run("go", "build", "-o", "gateway", ".");
    renameSync(join(work, "gateway"), kept);
    return kept;
  } catch (error) {
    return skipped(error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function runner(cwd: string, until: number) {
  const path = [join(cwd, "bin"), join(root, "node_modules", ".bin"), process.env.PATH].join(":");
  return (program: string, ...args: string[]): void => {
    const env = { ...process.env, PATH: path, GOFLAGS: "-mod=mod" };
    const timeout = Math.max(1, until - Date.now());
    const { status, stderr, error } = spawnSync(program, args, { cwd, env, timeout, encoding: "utf8" });
    if (status === 0) return;
    const why = error?.message ?? stderr.trim().split("\n").slice(-3).join(" ");
    throw new Error(`${program} ${args[0]} failed: ${why}`);
  };
}

function skipped(why: string): undefined {
  console.error(`grpc-gateway does not take part: ${why}`);
  return undefined;
}
