const FORM = /^in-process:\/\/\/([a-z][a-z0-9-]*)$/;

/** Returns the address of a service that this process serves itself. */
export function inProcessAddress(service: string): string {
  return `in-process:///${service}`;
}

/** Returns the service that an address of this process names; undefined for any other address. */
export function inProcessService(address: string): string | undefined {
  return FORM.exec(address)?.[1];
}
