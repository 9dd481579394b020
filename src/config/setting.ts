// What the tables of settings say of each one.

import type { z } from 'zod'

export type Setting = {
  /** Where its text comes from; `<variable>_FILE` may name a file that holds it. */
  variable: string
  /** From the text, or from undefined, to the value. What it refuses is said behind the variable's name. */
  schema: z.ZodType<unknown, string | undefined>
  /** The text that counts where none is given. */
  default?: string
  /** What .env.example shows instead. */
  example?: string
  isSecret?: true
  /** For the operator: what it is, and why one would change it. Plain text, one paragraph. */
  description: string
}
