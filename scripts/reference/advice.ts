import type { Code } from "../../packages/errors/src/index.ts";

/** A text in every language of the shop. */
export interface Text {
  readonly en: string;
  readonly de: string;
}

const sameKey = "with the same idempotency key";
const gleicherKey = "mit demselben Idempotenzschlüssel";
const unknownOutcome = {
  en: `Whether it was carried out is not known. Repeat it ${sameKey}: you receive the first response if there is one.`,
  de: `Ob die Anfrage ausgeführt wurde, ist nicht bekannt. Wiederholen Sie sie ${gleicherKey}: Sie erhalten die erste Antwort, wenn es eine gibt.`,
};
const wait = {
  en: `Wait as long as \`Retry-After\` says, or a little longer each time, and repeat it ${sameKey}.`,
  de: `Warten Sie so lange, wie \`Retry-After\` angibt, sonst jedes Mal etwas länger, und wiederholen Sie die Anfrage ${gleicherKey}.`,
};

/** What a client can do about an error, by its code, in every language. */
export const byCode: Readonly<Partial<Record<Code, Text>>> = {
  CANCELLED: {
    en: "Nothing, if you ended the request. Whether it was carried out is not known: read the state before you repeat it.",
    de: "Nichts, wenn Sie die Anfrage abgebrochen haben. Ob sie ausgeführt wurde, ist nicht bekannt: Lesen Sie den Zustand, bevor Sie sie wiederholen.",
  },
  UNKNOWN: { en: "Report it with the request id.", de: "Melden Sie den Fehler mit der Anfrage-ID." },
  INVALID_ARGUMENT: {
    en: "Change the request: `errors`, where present, names what is wrong. Unchanged, it is refused again.",
    de: "Ändern Sie die Anfrage: `errors` nennt, falls vorhanden, was falsch ist. Unverändert wird sie wieder abgelehnt.",
  },
  DEADLINE_EXCEEDED: unknownOutcome,
  NOT_FOUND: {
    en: "Check the name or id. What belongs to someone else looks as if it did not exist.",
    de: "Prüfen Sie Name oder ID. Was jemand anderem gehört, sieht aus, als gäbe es das nicht.",
  },
  ALREADY_EXISTS: {
    en: "Read what exists, and choose another id or key if you meant something else.",
    de: "Lesen Sie, was existiert, und wählen Sie eine andere ID oder einen anderen Schlüssel, wenn Sie etwas anderes meinen.",
  },
  PERMISSION_DENIED: {
    en: "Use an account that has the right. Repeating it does not help.",
    de: "Verwenden Sie ein Konto mit dieser Berechtigung. Wiederholen hilft nicht.",
  },
  RESOURCE_EXHAUSTED: wait,
  FAILED_PRECONDITION: {
    en: "Read the present state and decide again. The unchanged request is refused as long as the state stays the same.",
    de: "Lesen Sie den aktuellen Zustand und entscheiden Sie neu. Unverändert wird die Anfrage abgelehnt, solange der Zustand gleich bleibt.",
  },
  ABORTED: {
    en: `Another request came first. Read again what yours depends on, and repeat it ${sameKey}.`,
    de: `Eine andere Anfrage kam zuvor. Lesen Sie noch einmal, wovon Ihre abhängt, und wiederholen Sie die Anfrage ${gleicherKey}.`,
  },
  OUT_OF_RANGE: {
    en: "Change the value. Unchanged, it is refused again.",
    de: "Ändern Sie den Wert. Unverändert wird die Anfrage wieder abgelehnt.",
  },
  DATA_LOSS: { en: "Report it with the request id.", de: "Melden Sie den Fehler mit der Anfrage-ID." },
  UNIMPLEMENTED: {
    en: "Use another call. Repeating it does not help.",
    de: "Verwenden Sie einen anderen Aufruf. Wiederholen hilft nicht.",
  },
  INTERNAL: {
    en: "Report it with the request id: it is a fault of the shop. Repeating it rarely helps.",
    de: "Melden Sie den Fehler mit der Anfrage-ID: Er liegt beim Shop. Wiederholen hilft selten.",
  },
  UNAVAILABLE: wait,
  UNAUTHENTICATED: {
    en: "Sign in, or refresh the session, and repeat it with the new access token.",
    de: "Melden Sie sich an oder erneuern Sie die Sitzung, und wiederholen Sie die Anfrage mit dem neuen Zugriffstoken.",
  },
};

/** What is said instead about some reasons. */
export const byReason: Readonly<Record<string, Text>> = {
  COMMIT_OUTCOME_UNKNOWN: unknownOutcome,
  CREDENTIALS_WRONG: {
    en: "Let the user type them again. Which of the two is wrong is kept secret on purpose.",
    de: "Lassen Sie sie noch einmal eingeben. Welche der beiden Angaben falsch ist, bleibt mit Absicht geheim.",
  },
  IDEMPOTENCY_ANSWER_LOST: {
    en: "Read the state: the request was carried out, once. Repeating it returns this error again.",
    de: "Lesen Sie den Zustand: Die Anfrage wurde einmal ausgeführt. Eine Wiederholung ergibt wieder diesen Fehler.",
  },
  IDEMPOTENCY_IN_FLIGHT: {
    en: `Wait as long as \`Retry-After\` says, and repeat the request ${sameKey}: you receive the first response.`,
    de: `Warten Sie so lange, wie \`Retry-After\` angibt, und wiederholen Sie die Anfrage ${gleicherKey}: Sie erhalten die erste Antwort.`,
  },
  IDEMPOTENCY_KEY_REUSED: {
    en: "Use a new key for a new request. Use the old one only to repeat the very same request.",
    de: "Verwenden Sie für eine neue Anfrage einen neuen Schlüssel und den alten nur, um genau dieselbe Anfrage zu wiederholen.",
  },
  LOGIN_THROTTLED: {
    en: "Wait as long as `Retry-After` says. Existing sessions continue.",
    de: "Warten Sie so lange, wie `Retry-After` angibt. Bestehende Sitzungen laufen weiter.",
  },
  ORDER_NOT_CANCELLABLE: {
    en: "Read the order. An order that has left the warehouse is returned instead.",
    de: "Lesen Sie die Bestellung. Was das Lager verlassen hat, wird stattdessen zurückgesendet.",
  },
  OUT_OF_STOCK: {
    en: "Show what is left (`available`) and let the shopper choose. Use a new idempotency key for the changed order.",
    de: "Zeigen Sie, was noch da ist (`available`), und lassen Sie wählen. Die geänderte Bestellung braucht einen neuen Idempotenzschlüssel.",
  },
  PRICE_CHANGED: {
    en: "Show the real price (`realPrice`), ask the shopper, and order again at it, with a new idempotency key.",
    de: "Zeigen Sie den wirklichen Preis (`realPrice`), fragen Sie nach, und bestellen Sie zu ihm mit einem neuen Idempotenzschlüssel.",
  },
  REFRESH_INVALID: { en: "Sign in again.", de: "Melden Sie sich neu an." },
  REFRESH_REUSED: {
    en: "Sign in again. A refresh token works once: either the client refreshed twice at a time, or the token was stolen.",
    de: "Melden Sie sich neu an. Ein Refresh-Token gilt einmal: Der Client hat zweimal zugleich erneuert, oder das Token wurde gestohlen.",
  },
  CREDENTIAL_REFUSED: {
    en: "For operators: the service that is named refuses its caller's credential. `npm run kontor -- doctor` names it; see docs/runbooks/service-credentials.md.",
    de: "Für den Betrieb: Der genannte Dienst lehnt den Nachweis seines Aufrufers ab. `npm run kontor -- doctor` nennt ihn; siehe docs/runbooks/service-credentials.md.",
  },
  SERVICE_TOKEN_EXPIRED: {
    en: "For operators: a service calls with a token that was not renewed. See docs/runbooks/service-credentials.md.",
    de: "Für den Betrieb: Ein Dienst verwendet ein Token, das nicht erneuert wurde. Siehe docs/runbooks/service-credentials.md.",
  },
  SERVICE_TOKEN_INVALID: {
    en: "For operators: the keys of caller and callee do not match. See docs/runbooks/service-credentials.md.",
    de: "Für den Betrieb: Die Schlüssel von Aufrufer und aufgerufenem Dienst passen nicht zusammen. Siehe docs/runbooks/service-credentials.md.",
  },
  SIGNATURE_WRONG: {
    en: "Sign the raw body with the current secret, and send a recent time.",
    de: "Signieren Sie den unveränderten Inhalt mit dem aktuellen Geheimnis, und senden Sie eine aktuelle Zeit.",
  },
  TOKEN_EXPIRED: {
    en: "Refresh the session, and repeat the request with the new access token.",
    de: "Erneuern Sie die Sitzung, und wiederholen Sie die Anfrage mit dem neuen Zugriffstoken.",
  },
};
