// One line broken each, and the test that must notice: as `text` stands in `file`, exactly once.

export type Mutant = {
  /** The requirement that the line keeps. */
  id: string
  file: string
  text: string
  replacement: string
  /** The file of the test that must notice, and its title as it is written there. */
  test: string
  title: string
  /** The test runs the program as it is built. */
  isCompiled?: boolean
}

export const MUTANTS: readonly Mutant[] = [
  {
    id: 'WEB-10',
    file: 'src/server.ts',
    text: 'perNetwork: 500',
    replacement: 'perNetwork: 5_000',
    test: 'test/http/connections.test.ts',
    title: 'holds five hundred of the five thousand',
  },
  {
    id: 'WEB-3',
    file: 'src/server.ts',
    text: 'server.setSecureContext(read())',
    replacement: 'server.setSecureContext({ ...read(), ciphers: undefined })',
    test: 'test/http/processes.test.ts',
    title:
      'the suites of RFC 9325 serve, and none with static RSA, CBC or finite-field Diffie-Hellman; a new certificate changes nothing about it',
    isCompiled: true,
  },
]
