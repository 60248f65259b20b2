/** The tag of an app's image in an environment's values. */
export function tagOf(values: string, app: string): string;

/** The values with another tag for one app. */
export function setTag(values: string, app: string, tag: string): string;
