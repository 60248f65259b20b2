import { isKontorError } from "@kontor/errors";
import { signedIdentity } from "@kontor/policy";
import { createClient } from "@kontor/rpc";
import { InventoryService } from "@kontor/sample";

// Calls an internal RPC of each address repeatedly until its input ends. It prints the key of each token that callees accepted, and finally
// the outcomes of the calls.
const { SERVICE_KEY_FILE = "", ADDRESSES = "" } = process.env;
const identity = signedIdentity({ service: "orders", keyFile: SERVICE_KEY_FILE });
const clients = ADDRESSES.split(",").map((address) => createClient(InventoryService, { address, identity }));
const outcomes: Record<string, number> = {};
let lastHeader = "";
let ended = false;
process.stdin.on("end", () => (ended = true)).resume();

async function load(client: (typeof clients)[number]): Promise<void> {
  while (!ended) {
    const outcome = await client.reserveStock({ orderId: "1", items: [{ sku: "A", quantity: 1 }] }).then(
      () => "OK",
      (error) => (isKontorError(error) ? error.reason : String(error)),
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const [header = ""] = identity.tokenFor(InventoryService.typeName)?.split(".") ?? [];
    if (outcome === "OK" && header !== lastHeader) {
      lastHeader = header;
      const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
      process.stdout.write(`${JSON.stringify({ msg: "process ready", kid })}\n`);
    }
  }
}
await Promise.all(clients.flatMap((client) => [load(client), load(client)]));
process.stdout.write(`${JSON.stringify({ msg: "Ended.", outcomes })}\n`, () => process.exit(0));
