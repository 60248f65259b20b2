import { describe, expect, it } from "vitest";
import type { Story } from "../domain/story.ts";
import type { Recipient } from "../ports.ts";
import { anOrderStory, aRecipient, aRefundStory } from "./fixtures.ts";
import { domainOf, writeMail } from "./write-mail.ts";

const write = writeMail({ shop: "Kontor", domain: "kontor.example" });
const mailOf = (story: Story, recipient: Partial<Recipient> = {}) =>
  write({ id: "N-1", send: 1, story, recipient: aRecipient(recipient) });

/** A text as a reader sees it: money is written with a no-break space in German. */
const seen = (text: string) => text.replaceAll("\u00a0", " ");

describe("a mail", () => {
  it("goes to its recipient under an id that only a new send changes", () => {
    const story = anOrderStory("order-confirmed");
    const mail = mailOf(story);
    expect(mail.to).toEqual({ name: "Ada", address: "ada@example.com" });
    expect(mail.messageId).toBe("<N-1.1@kontor.example>");
    expect(mailOf(story).messageId).toBe(mail.messageId);
    expect(write({ id: "N-1", send: 2, story, recipient: aRecipient() }).messageId).toBe("<N-1.2@kontor.example>");
  });

  it("takes the domain of its ids from the address it is from", () => {
    expect(domainOf("Kontor <shop@kontor.example>")).toBe("kontor.example");
    expect(domainOf("shop")).toBe("localhost");
  });

  it.each([
    ["order-confirmed", "Your order O-1 is confirmed", "Ihre Bestellung O-1 ist bestätigt"],
    ["order-shipped", "Your order O-1 is on its way", "Ihre Bestellung O-1 ist unterwegs"],
    ["order-rejected", "We cannot fulfil your order O-1", "Wir können Ihre Bestellung O-1 nicht ausführen"],
    ["order-cancelled", "Your order O-1 is cancelled", "Ihre Bestellung O-1 ist storniert"],
  ] as const)("about %s lists lines and total in English and German", (template, english, german) => {
    const en = mailOf(anOrderStory(template));
    const de = mailOf(anOrderStory(template), { locale: "de-AT" });
    expect([en.subject, de.subject]).toEqual([english, german]);
    for (const part of [en.text, en.html])
      for (const content of [
        "Hello Ada,",
        "Mug",
        "2 × €617.28",
        "€1,234.56",
        "Shipping",
        "€1,239.46",
        "Your Kontor team",
      ])
        expect(part).toContain(content);
    for (const part of [seen(de.text), seen(de.html)])
      for (const content of [
        "Guten Tag Ada,",
        "2 × 617,28 €",
        "1.234,56 €",
        "Versand",
        "1.239,46 €",
        "Ihr Kontor-Team",
      ])
        expect(part).toContain(content);
    expect(de.html).toContain('<html lang="de">');
  });

  it("about a refund names the amount and the order", () => {
    expect(mailOf(aRefundStory()).text).toContain("You get €1,239.46 back");
    const de = mailOf(aRefundStory(), { locale: "de" });
    expect(de.subject).toBe("Erstattung zu Ihrer Bestellung O-1");
    expect(seen(de.text)).toContain("Sie erhalten 1.239,46 € auf Ihrem Zahlungsweg zurück");
  });

  it("shows address and tracking number where they belong", () => {
    const confirmed = mailOf(anOrderStory("order-confirmed"), { locale: "de" }).text;
    expect(confirmed).toContain("Lieferadresse\n  Ada L.\n  Ring 1\n  10115 Berlin\n  Deutschland");
    expect(confirmed).not.toContain("TRACK-7");
    expect(mailOf(anOrderStory("order-shipped")).html).toContain("TRACK-7");
  });

  it("omits unknown facts", () => {
    const bare = anOrderStory("order-shipped", { trackingNumber: "", lines: [] });
    expect(mailOf(bare).text).not.toContain("Tracking number");
    expect(mailOf(bare, { displayName: "" }).text).toMatch(/^Hello,\n/);
  });

  it("calls the order by its number", () => {
    const [confirmed, refund] = [
      anOrderStory("order-confirmed", { orderNumber: "K-7Q4M-2X9P" }),
      aRefundStory("K-7Q4M-2X9P"),
    ];
    for (const { subject, text, html } of [mailOf(confirmed), mailOf(refund, { locale: "de" })])
      for (const part of [subject, text, html]) {
        expect(part).toContain("K-7Q4M-2X9P");
        expect(part).not.toContain("O-1");
      }
  });

  it("is English when we do not know the language", () => {
    for (const locale of ["", "fr", "xx_YY", "<b>"])
      expect(mailOf(aRefundStory(), { locale }).subject).toBe("Refund for your order O-1");
  });

  it("shows markup in a title, a name or an address as text", () => {
    const title = `<script>alert("1")</script> & 'more'`;
    const story = anOrderStory("order-confirmed", {
      lines: [{ title, sku: "X", quantity: "1", price: { currency: "EUR", minor: "1" } }],
      address: {
        ...{ recipient: "<img src=x onerror=alert(1)>", line1: "", line2: "", city: "", postalCode: "", region: "" },
        country: "<b>",
      },
    });
    const { html, text } = mailOf(story, { displayName: `"><a href="//evil">` });
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;");
    expect(html).toContain("Hello &quot;&gt;&lt;a href=&quot;//evil&quot;&gt;,");
    expect(html).not.toMatch(/<script|<img|<a |<b>/);
    expect(text).toContain(title);
  });

  it("isolates texts from right to left, in text and HTML", () => {
    const story = anOrderStory("order-shipped", {
      lines: [{ title: "ספל 3", sku: "X", quantity: "2", price: { currency: "EUR", minor: "100" } }],
      trackingNumber: "مسار-7",
    });
    const { text, html, to, subject } = mailOf(story, { displayName: "שרה" });
    expect(text).toContain("Hello \u2068שרה\u2069,\n");
    for (const title of ["\u2068ספל 3\u2069", "\u2068مسار-7\u2069"]) expect(text).toContain(title);
    for (const part of ["Hello <bdi>שרה</bdi>,", "<bdi>ספל 3</bdi>", "<bdi>مسار-7</bdi>"]) expect(html).toContain(part);
    expect(html).not.toMatch(/[\u2066-\u2069]/);
    expect([to.name, subject]).toEqual(["שרה", "Your order O-1 is on its way"]);
    const amounts = text.split("\n").filter((line) => line.endsWith("€2.00") || line.endsWith("€1,239.46"));
    expect(new Set(amounts.map((line) => line.replace(/[\u2068\u2069]/g, "").length))).toEqual(new Set([64]));
  });

  it("contains no control, bidi override or invisible character of entered texts", () => {
    const evil = "\u202eA\u2066d\u200ba\r\nBcc: eve@example.com\0\u001b\u2028";
    const story = anOrderStory("order-shipped", {
      lines: [{ title: evil, sku: evil, quantity: "1", price: { currency: "EUR", minor: "1" } }],
      address: {
        ...{ recipient: evil, line1: evil, line2: evil, city: evil, postalCode: evil, region: evil },
        country: "DE",
      },
      trackingNumber: evil,
    });
    const { text, html, to } = mailOf(story, { displayName: evil });
    for (const part of [text, html, to.name]) {
      expect(part).toContain("Ada Bcc: eve@example.com");
      expect(part).not.toMatch(/[^\P{Cc}\n]|[\u200b\u2028\u202a-\u202e\u2066-\u2069]/u);
    }
    expect(to.name).not.toContain("\n");
    expect(mailOf(story, { displayName: "\u200b\u202e" }).text).toMatch(/^Hello,\n/);
  });

  it("loads and tracks nothing", () => {
    for (const template of ["order-confirmed", "order-shipped", "order-rejected", "order-cancelled"] as const)
      expect(mailOf(anOrderStory(template)).html).not.toMatch(/https?:|src=|href=|url\(/);
  });

  it("keeps amounts exact beyond the range of a double", () => {
    const total = { currency: "EUR", minor: "900719925474099301" };
    expect(mailOf(anOrderStory("order-confirmed", { total })).text).toContain("€9,007,199,254,740,993.01");
  });
});
