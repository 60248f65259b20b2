import { join } from "node:path";
import type { CallerIdentity } from "./caller.ts";
import { type RereadFile, rereadFile } from "./reread-file.ts";

/** Where a service finds tokens that were issued to it. */
export interface FolderIdentityOptions {
  /** Name of the service, as contracts name it. */
  readonly service: string;
  /** Folder with one token for each callee, in a file with the full name of the gRPC service. */
  readonly folder: string;
  /** Whether the tokens are those of an account that several services share. Default: false. */
  readonly sharesAccount?: boolean;
  /** The token of versions before service tokens, while they still run. */
  readonly sharedToken?: string | undefined;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Creates the identity of a service whose tokens another party issues and renews, such as the kubelet for ServiceAccounts. */
export function folderIdentity({
  service,
  folder,
  sharesAccount = false,
  sharedToken,
  now = Date.now,
}: FolderIdentityOptions): CallerIdentity {
  const files = new Map<string, RereadFile<string>>();
  const fileOf = (callee: string) => {
    const known = files.get(callee);
    if (known) return known;
    const opened = rereadFile(join(folder, callee), (text) => text.trim(), now);
    files.set(callee, opened);
    return opened;
  };
  return {
    service,
    sharesAccount,
    sharedToken,
    tokenFor(callee) {
      try {
        return fileOf(callee).current();
      } catch {
        return undefined; // No token was issued for this callee: it refuses the call with the reason.
      }
    },
    renew: (callee) => files.get(callee)?.expire(),
  };
}
