import type { RunFile } from "./run-file.ts";
import { bold, dim } from "./terminal.ts";

/** The addresses and commands for a user who has just started the shop, ready to copy. */
export function summary({ gateway, mailPage, grpc, metrics, accounts }: RunFile): string {
  const { staff, shopper } = accounts;
  const login = JSON.stringify({ email: shopper.email, password: shopper.password });
  const list = (entries: Record<string, string>) =>
    Object.entries(entries).map(([name, at]) => `${name} ${at.split(":").at(-1)}`);
  return `
${bold("The shop is open.")}

  REST          ${gateway}/api/v1/products
  mails         ${mailPage}
  gRPC          ${list(grpc).join(", ")}
  metrics       ${list(metrics).join(", ")} ${dim("(/metrics)")}
  shopper       ${shopper.email}  ${shopper.password}
  staff         ${staff.email}  ${staff.password}

${bold("Place an order:")}

  TOKEN=$(curl -s ${gateway}/api/v1/sessions -H 'Content-Type: application/json' \\
    -d '${login}' | sed 's/.*"accessToken": *"\\([^"]*\\)".*/\\1/')
  curl -i ${gateway}/api/v1/orders -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{
    "items": [{ "productId": "P-101", "quantity": 2, "price": 1200 }],
    "shippingAddressId": "ADDR-55", "paymentMethod": "card", "idempotencyKey": "'$(date +%s%N)'" }'

${bold("Look inside:")}  grpcurl -plaintext ${grpc.orders} list
${bold("See more:")}     npm run demo ${dim("(in another terminal)")}

Ctrl-C stops everything.
`;
}
