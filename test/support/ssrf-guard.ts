// Jest runs tests in a realm of their own, where the library does not find the part of Node it guards
// outgoing requests with. Here it is put where Node itself has it.

const DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/** Call it before the library's first request. */
export function exposeSsrfGuard(): void {
  const realm = (fetch.constructor as (body: string) => () => Record<symbol, unknown>)('return globalThis')()
  Reflect.set(globalThis, DISPATCHER, realm[DISPATCHER])
}
