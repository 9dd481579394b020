// `start`: the provider itself. It says by itself why it does not start, and runs until it is told to stop.

import type { Command } from 'commander'

export function addStartCommand(start: Command): void {
  start.action(async () => {
    await import('../main.js')
  })
}
