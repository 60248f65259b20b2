import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Why tests of TLS are skipped; undefined where OpenSSL is installed. */
export const noOpenSsl = spawnSync("openssl", ["version"]).status === 0 ? undefined : "openssl is not installed";

/** Creates a private CA and a server's certificate for `localhost` that it signed. Returns their paths. */
export function createCertificates(folder: string): {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
} {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...elliptic, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=private CA");
  openssl("req", ...elliptic, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  writeFileSync(path("names.txt"), "subjectAltName=DNS:localhost\n");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names.txt"];
  openssl("x509", "-req", "-in", "server.csr", "-out", "server.crt", ...signed);
  return { ca: path("ca.crt"), cert: path("server.crt"), key: path("server.key") };
}
