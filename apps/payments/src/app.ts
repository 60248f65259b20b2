import { isTransient } from "@kontor/errors";
import { createIdempotency, idempotencyTables, keyRetention } from "@kontor/idempotency";
import { defineService, repeat } from "@kontor/service";
import { paymentMethods, shop } from "@kontor/shop";
import { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { authorisePayment } from "./commands/authorise-payment.ts";
import { capturePayment } from "./commands/capture-payment.ts";
import { createCarryOut } from "./commands/carry-out.ts";
import { receiveWebhook } from "./commands/receive-webhook.ts";
import { refundOrder } from "./commands/refund-order.ts";
import { refundPayment } from "./commands/refund-payment.ts";
import { sweep } from "./commands/sweep.ts";
import { voidPayment } from "./commands/void-payment.ts";
import { settings } from "./config.ts";
import { paymentsService } from "./inbound/grpc.ts";
import { inventoryClient } from "./outbound/inventory-client.ts";
import { createLedgerStore } from "./outbound/ledger-store.ts";
import { createOperationStore } from "./outbound/operation-store.ts";
import { exposePayments } from "./outbound/payment-metrics.ts";
import { createPaymentStore } from "./outbound/payment-store.ts";
import { createPspClient } from "./outbound/psp-http.ts";
import { createPspWebhookReader, PSP } from "./outbound/psp-webhook.ts";
import { paymentRetention } from "./outbound/retention.ts";
import { createWebhookStore } from "./outbound/webhook-store.ts";
import type { ProviderEvent } from "./ports.ts";
import { getPayment } from "./queries/get-payment.ts";
import { getPaymentByOrder } from "./queries/get-payment-by-order.ts";
import { listLedgerEntries } from "./queries/list-ledger-entries.ts";
import { listPayments } from "./queries/list-payments.ts";

/** Without open outcomes, they are queried less often by this factor. */
const IDLE_SWEEPS = 5;

/** The payments service. */
export const paymentsApp = defineService({
  system: shop,
  name: "payments",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  tables: [idempotencyTables],
  history: ["ledger_transactions", "ledger_entries"],
  build({ config, db, log, client, now }) {
    const payments = createPaymentStore(db);
    const operations = createOperationStore(db, { onPostponed: () => sweeper.wake() });
    const ledger = createLedgerStore(db);
    const webhooks = createWebhookStore(db);
    const inventory = inventoryClient(client(InventoryService, config.inventoryAddress));
    const idempotency = createIdempotency(db);
    const provider = createPspClient({ url: config.pspUrl, apiKey: config.pspApiKey });
    const readers = new Map([[PSP, createPspWebhookReader(config.pspWebhookSecrets)]]);
    const carryOut = createCarryOut({ payments, operations, provider, now });
    exposePayments(db, operations);
    const lift = voidPayment({ payments, operations, provider, carryOut, now });
    const onUnmatched = ({ id, type, payment }: ProviderEvent, why: string) =>
      log.warn({ webhookId: id, type, providerReference: payment.id, why }, "webhook of an unknown payment received");
    const onFailure = (err: unknown, what: object) =>
      log[isTransient(err) ? "info" : "error"]({ err, ...what }, "payment outcome not found");
    const sweeper = repeat(
      config.sweepIntervalMs,
      sweep({ payments, operations, carryOut, onFailure }),
      (err) => log.warn({ err }, "open operations not read"),
      { idleMs: IDLE_SWEEPS * config.sweepIntervalMs },
    );
    return {
      services: [
        paymentsService({
          methods: paymentMethods(config.paymentMethods),
          authorisePayment: authorisePayment({ payments, carryOut, now }),
          capturePayment: capturePayment({ payments, operations, carryOut }),
          voidPayment: lift,
          refundPayment: refundPayment({ idempotency, payments, operations, inventory, carryOut }),
          refundOrder: refundOrder({ payments, operations, carryOut, voidPayment: lift }),
          receiveWebhook: receiveWebhook({ payments, webhooks, provider, readers, now, onUnmatched }),
          getPayment: getPayment({ payments }),
          getPaymentByOrder: getPaymentByOrder({ payments }),
          listPayments: listPayments({ payments }),
          listLedgerEntries: listLedgerEntries({ payments, ledger }),
        }),
      ],
      retention: [
        ...paymentRetention({ operationsMs: config.operationRetention, webhooksMs: config.webhookRetention }),
        keyRetention(config.idempotencyKeyRetentionMs),
      ],
      background: [{ start: () => undefined, stop: () => provider.close() }, sweeper],
    };
  },
});
