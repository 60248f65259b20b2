/** Returns JSON with line breaks and indents. Nothing else changes: numbers keep their digits. Returns anything but JSON as it is. */
export function indented(json: string): string;
