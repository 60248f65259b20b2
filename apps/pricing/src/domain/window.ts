/** When a rule applies. Its start belongs to it, its end does not. */
export interface Window {
  readonly validFrom?: Date;
  readonly validUntil?: Date;
}

/** Where a moment lies with regard to a window. */
export function phaseOf({ validFrom, validUntil }: Window, at: Date): "before" | "open" | "after" {
  if (validUntil !== undefined && at >= validUntil) return "after";
  return validFrom !== undefined && at < validFrom ? "before" : "open";
}

/** Returns whether two windows have a moment in common. */
export function overlap(left: Window, right: Window): boolean {
  const before = ({ validUntil }: Window, { validFrom }: Window) =>
    validUntil !== undefined && validFrom !== undefined && validUntil <= validFrom;
  return !before(left, right) && !before(right, left);
}
