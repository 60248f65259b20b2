import { type Answer, HttpError, type Route } from "@kontor/simulator";
import type { Mailbox } from "./mailbox.ts";
import { listPage, mailPage } from "./pages.ts";

// No scripts, nothing from outside; a framed mail inherits this.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'";

export function pageRoutes(mailbox: Mailbox): Route[] {
  return [
    {
      method: "GET",
      path: "/",
      handle({ query }) {
        const filter = { to: query.get("to") ?? "", subject: query.get("subject") ?? "" };
        return page(listPage(mailbox.list(filter).slice(0, 200), filter));
      },
    },
    {
      method: "GET",
      path: "/mails/{id}",
      handle(call) {
        const mail = mailbox.get(call.param("id"));
        if (!mail) throw new HttpError(404, "mail_not_found", "This mail does not exist any more.");
        return page(mailPage(mail));
      },
    },
  ];
}

function page(html: string): Answer {
  return {
    status: 200,
    body: html,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    },
  };
}
