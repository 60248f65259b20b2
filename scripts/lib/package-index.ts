import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../bootstrap/say.mjs";
import { download } from "./download.ts";

const DEFAULT_INDEX = "https://pypi.org/simple";
const FORMATS = "application/vnd.pypi.simple.v1+json, text/html;q=0.1";

/** Returns the Python package index that pip would use: PIP_INDEX_URL, else `index-url` of pip's configuration, else PyPI. */
export function packageIndex(env: NodeJS.ProcessEnv = process.env): string {
  return (env.PIP_INDEX_URL || configFiles(env).map(indexOf).find(Boolean) || DEFAULT_INDEX).replace(/\/+$/, "");
}

/** Returns where a file of a project is. Understands both formats of the simple API (PEP 503, PEP 691). Throws a Failure. */
export async function findInIndex(index: string, project: string, file: string): Promise<string> {
  const page = `${index}/${project}/`;
  const { body, type } = await download(page, { seconds: 20, accept: FORMATS });
  const links = type.includes("json") ? linksOfJson(body) : linksOfHtml(body);
  const link = links.find((url) => url.split(/[?#]/)[0]?.endsWith(`/${file}`) || url === file);
  if (link === undefined) throw new Failure(`${withoutUser(page)} does not list ${file}`);
  const url = new URL(link, page);
  const { origin, username, password } = new URL(index);
  if (url.origin === origin && username !== "") Object.assign(url, { username, password });
  return url.href;
}

/** The most specific one first, as pip reads them. */
function configFiles(env: NodeJS.ProcessEnv): readonly string[] {
  const home = homedir();
  const user = env.XDG_CONFIG_HOME || join(home, ".config");
  const mac = process.platform === "darwin" ? [join(home, "Library", "Application Support", "pip", "pip.conf")] : [];
  const all = [env.PIP_CONFIG_FILE, ...mac, join(user, "pip", "pip.conf"), join(home, ".pip", "pip.conf")];
  return [...all, "/etc/xdg/pip/pip.conf", "/etc/pip.conf"].flatMap((file) => file || []);
}

function indexOf(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const [, ...sections] = `\n${readFileSync(file, "utf8")}`.split(/\n\s*\[/);
  const global = sections.find(
    (section) => /^(global|download)\]/.test(section) && /^\s*index[-_]url\s*[=:]/m.test(section),
  );
  return /^\s*index[-_]url\s*[=:]\s*(\S+)/m.exec(global ?? "")?.[1];
}

function linksOfJson(body: Buffer): readonly string[] {
  try {
    const { files } = JSON.parse(body.toString("utf8")) as { files: readonly { readonly url: string }[] };
    return files.map(({ url }) => url);
  } catch (error) {
    throw new Failure(
      `the package index responded with JSON that is none: ${error instanceof Error ? error.message : error}`,
    );
  }
}

const linksOfHtml = (body: Buffer): readonly string[] =>
  [...body.toString("utf8").matchAll(/<a\s[^>]*href\s*=\s*["']([^"']+)["']/gi)].map(([, href = ""]) =>
    href.replaceAll("&amp;", "&"),
  );

function withoutUser(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}
