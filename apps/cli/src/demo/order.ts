/** An order in the REST API: the fields that the demo reads. */
export type Order = {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly reasonDetail?: string;
  readonly trackingNumber?: string;
  readonly version?: number;
};

export type HistoryEntry = {
  readonly version: number;
  readonly type: string;
  readonly description: string;
  readonly status: string;
  readonly at: string;
};

const finals = ["completed", "rejected", "cancelled"];

export const isFinal = (order: Order): boolean => finals.includes(order.status);
