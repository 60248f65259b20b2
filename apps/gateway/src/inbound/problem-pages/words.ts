import type { Language } from "@kontor/transcoder";

/** The words around the texts of the catalogue. */
export const problemWords: Readonly<Record<Language, ProblemWords>> = {
  en: {
    title: "Errors",
    intro: "The reasons for which the API refuses a request. The type of a problem names its page.",
    columns: ["Said by", "HTTP", "gRPC", "Meaning"],
    advice: "What to do",
    reason: "Reason",
    list: "All errors",
  },
  de: {
    title: "Fehler",
    intro: "Die Gründe, aus denen die API eine Anfrage ablehnt. Der Typ eines Problems nennt seine Seite.",
    columns: ["Von", "HTTP", "gRPC", "Bedeutung"],
    advice: "Was zu tun ist",
    reason: "Grund",
    list: "Alle Fehler",
  },
};

interface ProblemWords {
  readonly title: string;
  readonly intro: string;
  readonly columns: readonly string[];
  readonly advice: string;
  readonly reason: string;
  readonly list: string;
}
