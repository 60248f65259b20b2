/** Who a verified token speaks for. */
export interface Principal {
  /** `sub` of the token. */
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
  readonly roles: readonly string[];
  /** The token as it came, to be passed on to the next service. Never logged. */
  readonly token: string;
  readonly expiresAt: Date;
}
