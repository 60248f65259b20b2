import type { Tx } from "@kontor/postgres";
import type { Outcome, Verdict } from "./domain/delivery.ts";
import type { Notification, Status } from "./domain/notification.ts";
import type { Story } from "./domain/story.ts";

export type Recipient = {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
  readonly locale: string;
};

/** Where mails to users go. */
export interface Recipients {
  /** Stores the recipient as of `time`, unless a later state is stored already. */
  put(tx: Tx, recipient: Recipient, at: Date): Promise<void>;
}

export type NewNotification = { readonly eventId: string; readonly userId: string; readonly story: Story };

/** A notification whose turn it is. It is ours until the lease ends. */
export type Due = {
  readonly id: string;
  readonly story: Story;
  readonly recipient: Recipient;
  /** Which send of this notification, from 1. */
  readonly send: number;
  /** Which attempt of this send, from 1. */
  readonly attempt: number;
  readonly lease: string;
};

export type Attempt = { readonly subject: string; readonly outcome: Outcome; readonly verdict: Verdict };

export type Filter = {
  readonly userId?: string;
  readonly orderId?: string;
  readonly status?: Status;
  /** Only older ones than the notification with this id. */
  readonly before?: string;
  readonly limit: number;
};

/** The notifications and their delivery log. */
export interface Notifications {
  /** Queues the mails of events, once per event. A mail waits for its recipient if the user is not known yet. */
  queue(tx: Tx, notifications: readonly NewNotification[]): Promise<void>;
  /** Takes notifications whose recipient is known and whose time has come. No other replica gets them before the lease ends. */
  claim(limit: number, leaseMs: number): Promise<readonly Due[]>;
  /** Appends to the log, and applies the verdict unless the lease was lost; an accepted mail always counts. */
  record(due: Due, attempt: Attempt): Promise<void>;
  /** Requests one more send. Undefined if the notification does not exist. */
  resend(id: string): Promise<Notification | undefined>;
  find(id: string): Promise<Notification | undefined>;
  /** Newest first. */
  list(filter: Filter): Promise<readonly Notification[]>;
  /** Age in seconds of the oldest that should have been delivered by now. */
  oldestOverdue(): Promise<number>;
}

export type Mail = {
  /** The same for every attempt of one send, so that a mail server or reader can recognise a repetition. */
  readonly messageId: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

/** Sends mails to a mail server. Never throws for the server's reply or its absence. */
export interface MailTransport {
  send(mail: Mail): Promise<Outcome>;
  close(): Promise<void>;
}
