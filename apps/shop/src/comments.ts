import texts from "./comments/gen/comments.json" with { type: "json" };

/** The comments of the shop's contracts by full name. Descriptors in generated code carry none. */
export const comments: Readonly<Record<string, string>> = texts;
