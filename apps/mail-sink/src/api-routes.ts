import { HttpError, invalidRequest, type Route } from "@kontor/simulator";
import type { Mailbox } from "./mailbox.ts";
import type { Refusals } from "./smtp.ts";

export function apiRoutes(mailbox: Mailbox, refusals: Refusals): Route[] {
  return [
    { method: "GET", path: "/healthz", handle: () => ({ status: 200, body: { status: "ok" } }) },
    {
      method: "GET",
      path: "/api/mails",
      handle({ query }) {
        const found = mailbox.list({ to: query.get("to") ?? "", subject: query.get("subject") ?? "" });
        const mails = found.map(({ id, receivedAt, from, to, subject, size }) => ({
          id,
          receivedAt,
          from,
          to,
          subject,
          size,
        }));
        return { status: 200, body: { mails } };
      },
    },
    {
      method: "GET",
      path: "/api/mails/{id}",
      handle(call) {
        const mail = mailbox.get(call.param("id"));
        if (!mail) throw new HttpError(404, "mail_not_found", `There is no mail ${call.param("id")}.`);
        return { status: 200, body: mail };
      },
    },
    {
      method: "DELETE",
      path: "/api/mails",
      handle() {
        mailbox.clear();
        return { status: 204 };
      },
    },
    {
      method: "POST",
      path: "/api/control",
      handle({ body: { failNext } }) {
        if (typeof failNext !== "number" || !Number.isSafeInteger(failNext) || failNext < 0) {
          throw invalidRequest('"failNext" must be a whole number.');
        }
        refusals.failNext = failNext;
        return { status: 200, body: refusals };
      },
    },
  ];
}
