// Who acts, from which address and why: one value, made here, and what the audit log keeps of it.

/**
 * `name`: `cip:tram1234`, `operator:root`, `laissez-passer`; `clientAddress`: an address, `cli` or
 * `schedule`; `reason`: what an operator has given for the whole command.
 */
export type Actor = Readonly<{ name: string; clientAddress: string; reason?: string | undefined }>

/** Undefined: whoever tries has not named an account that exists. */
export const personActor = (account: { cip: string } | undefined, clientAddress: string): Actor => ({
  name: `cip:${account?.cip ?? '?'}`,
  clientAddress,
})

/** The program itself, on its own schedule. */
export const ITSELF: Actor = { name: 'laissez-passer', clientAddress: 'schedule' }
