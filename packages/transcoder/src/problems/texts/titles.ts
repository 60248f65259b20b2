import type { Language } from "../language.ts";

const de: Readonly<Record<string, string>> = {
  "Already exists": "Existiert bereits",
  "Bad gateway": "Fehlerhafte Antwort eines Dienstes",
  "Body too large": "Inhalt zu groß",
  Cancelled: "Abgebrochen",
  Conflict: "Konflikt",
  "Deadline exceeded": "Zeit überschritten",
  "Failed precondition": "Vorbedingung nicht erfüllt",
  "Headers too large": "Kopfzeilen zu groß",
  "Internal error": "Interner Fehler",
  "Invalid request": "Ungültige Anfrage",
  "Method not allowed": "Methode nicht erlaubt",
  "Not found": "Nicht gefunden",
  "Not implemented": "Nicht implementiert",
  "Out of range": "Außerhalb des Bereichs",
  "Permission denied": "Keine Berechtigung",
  "Precondition failed": "Vorbedingung nicht erfüllt",
  "Request timeout": "Anfrage zu langsam",
  "Too many requests": "Zu viele Anfragen",
  Unauthenticated: "Nicht angemeldet",
  Unavailable: "Nicht verfügbar",
  "Unprocessable content": "Inhalt nicht verarbeitbar",
  "Unsupported media type": "Medientyp nicht unterstützt",
  "URL too long": "URL zu lang",
};

/** Returns the title of a problem in a language; the English one if there is no other. */
export function titleIn(title: string, language: Language): string {
  return language === "de" ? (de[title] ?? title) : title;
}
