import { defineErrors } from "@kontor/errors";

/** The refusals of the catalog. The keys are public. */
export const catalogErrors = defineErrors("catalog.shop", {
  CATEGORY_EXISTS: {
    code: "ALREADY_EXISTS",
    message: (f: { categoryId: string }) => `Category ${f.categoryId} exists already.`,
    de: "Es gibt schon eine andere Kategorie {categoryId}.",
  },
  CATEGORY_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { categoryId: string }) => `Category ${f.categoryId} does not exist.`,
    de: "Die Kategorie {categoryId} gibt es nicht.",
  },
  TOO_MANY_CATEGORIES: {
    code: "FAILED_PRECONDITION",
    message: (f: { limit: number }) => `The shop has ${f.limit} categories, which is the limit.`,
    de: "Der Shop hat {limit} Kategorien; mehr sind nicht möglich.",
  },
  PRODUCT_EXISTS: {
    code: "ALREADY_EXISTS",
    message: (f: { productId: string }) => `Product ${f.productId} exists already.`,
    de: "Es gibt schon ein anderes Produkt {productId}.",
  },
  PRODUCT_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { productId: string }) => `Product ${f.productId} does not exist.`,
    de: "Das Produkt {productId} gibt es nicht.",
  },
  PRODUCT_CHANGED: {
    code: "FAILED_PRECONDITION",
    message: (f: { productId: string; seenVersion: number; version: number }) =>
      `Product ${f.productId} has version ${f.version}, not ${f.seenVersion}. Read it again.`,
    de: "Das Produkt {productId} hat die Version {version}, nicht {seenVersion}. Lesen Sie es erneut.",
  },
  PRODUCT_NOT_PUBLISHED: {
    code: "FAILED_PRECONDITION",
    message: (f: { productId: string }) =>
      `Product ${f.productId} is a draft. Only a published product can be archived.`,
    de: "Das Produkt {productId} ist ein Entwurf. Nur was im Verkauf war, kann archiviert werden.",
  },
  CATEGORY_CYCLE: {
    code: "FAILED_PRECONDITION",
    message: (f: { categoryId: string; parentId: string }) =>
      `Category ${f.parentId} is ${f.categoryId} or below it. Choose another category above.`,
    de: "Die Kategorie {parentId} ist {categoryId} oder liegt darunter. Wählen Sie eine andere Oberkategorie.",
  },
  CATEGORY_IN_USE: {
    code: "FAILED_PRECONDITION",
    message: (f: { categoryId: string; usedBy: string }) =>
      `Category ${f.categoryId} has ${f.usedBy}. Archive or move it first.`,
    de: "Die Kategorie {categoryId} hat {usedBy}. Archivieren oder verschieben Sie das zuerst.",
  },
  CATEGORY_ARCHIVED: {
    code: "FAILED_PRECONDITION",
    message: (f: { categoryId: string }) => `Category ${f.categoryId} is archived. Restore it first.`,
    de: "Die Kategorie {categoryId} ist archiviert. Stellen Sie sie zuerst wieder her.",
  },
  VARIANT_EXISTS: {
    code: "ALREADY_EXISTS",
    message: (f: { productId: string; sku: string }) =>
      `Product ${f.productId} has another variant ${f.sku} with this SKU or these option values.`,
    de: "Das Produkt {productId} hat eine andere Variante {sku} mit dieser SKU oder diesen Optionswerten.",
  },
  TOO_MANY_VARIANTS: {
    code: "FAILED_PRECONDITION",
    message: (f: { productId: string; limit: number }) =>
      `Product ${f.productId} has ${f.limit} variants, the most a product can have.`,
    de: "Das Produkt {productId} hat {limit} Varianten, mehr sind nicht möglich.",
  },
  LAST_VARIANT: {
    code: "FAILED_PRECONDITION",
    message: (f: { productId: string; sku: string }) =>
      `${f.sku} is the last variant of product ${f.productId}. Archive the product instead.`,
    de: "{sku} ist die letzte Variante des Produkts {productId}. Archivieren Sie stattdessen das Produkt.",
  },
  CURRENCY_NOT_SERVED: {
    code: "FAILED_PRECONDITION",
    message: (f: { productId: string; currency: string; served: string }) =>
      `Product ${f.productId} has prices in ${f.currency}. The shop serves ${f.served}.`,
    de: "Das Produkt {productId} hat Preise in {currency}. Der Shop bietet {served} an.",
  },
  SKU_TAKEN: {
    code: "ALREADY_EXISTS",
    message: (f: { sku: string }) => `SKU ${f.sku} belongs to another product.`,
    de: "Die SKU {sku} gehört zu einem anderen Produkt.",
  },
  SKU_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { productId: string; sku: string }) => `Product ${f.productId} has no variant ${f.sku}.`,
    de: "Das Produkt {productId} hat keine Variante {sku}.",
  },
});
