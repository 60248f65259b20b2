import type { Mail } from "./mail.ts";

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  table { width: 100%; border-collapse: collapse; }
  th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
  td:first-child { white-space: nowrap; }
  iframe { width: 100%; height: 60vh; border: 1px solid #8884; background: #fff; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

export function listPage(mails: readonly Mail[], filter: { readonly to: string; readonly subject: string }): string {
  const rows = mails.map(
    (mail) =>
      `<tr><td><time>${escapeHtml(mail.receivedAt.slice(0, 19).replace("T", " "))}</time></td><td>${escapeHtml(mail.to.join(", "))}</td>` +
      `<td><a href="/mails/${escapeHtml(mail.id)}">${escapeHtml(mail.subject || "(no subject)")}</a></td></tr>`,
  );
  const empty = '<tr><td colspan="3">No mail yet. This page looks every 5 seconds.</td></tr>';
  return document(
    "Mails",
    `<form><label>To <input name="to" value="${escapeHtml(filter.to)}"></label>
     <label>Subject <input name="subject" value="${escapeHtml(filter.subject)}"></label> <button>Filter</button></form>
     <table><thead><tr><th>Received (UTC)</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows.join("") || empty}</tbody></table>`,
    '<meta http-equiv="refresh" content="5">',
  );
}

export function mailPage(mail: Mail): string {
  const attachments = mail.attachments.map(
    ({ filename, mimeType, size }) => `<li>${escapeHtml(filename)} (${escapeHtml(mimeType)}, ${size} bytes)</li>`,
  );
  const html =
    mail.html && `<h2>HTML</h2><iframe sandbox title="The mail as HTML" srcdoc="${escapeHtml(mail.html)}"></iframe>`;
  const text = mail.text && `<h2>Text</h2><pre>${escapeHtml(mail.text)}</pre>`;
  return document(
    mail.subject || "(no subject)",
    `<p><a href="/">All mails</a></p><p>From ${escapeHtml(mail.from)} to ${escapeHtml(mail.to.join(", "))}, ${escapeHtml(mail.receivedAt)}</p>
     ${html}${text}<ul>${attachments.join("")}</ul>`,
  );
}

function document(title: string, body: string, head = ""): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${head}
    <title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
