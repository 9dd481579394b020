// What a client's record says of groups: which of them it is told of and under which name, and which it
// admits. Pure.

import type { GROUP_CLAIMS } from './claims-by-scope.js'

/** The members of a record that speak of groups; the library hands out the record as it is. */
export type GroupRules = {
  groups_claim?: (typeof GROUP_CLAIMS)[number]
  /** Names; a star at the end stands for any ending. */
  groups_filter?: string[]
  /** One of them is enough. */
  required_groups?: string[]
}

export const isAdmitted = ({ required_groups: required }: GroupRules, groups: readonly string[]): boolean =>
  required === undefined || required.some((name) => groups.includes(name))

export function groupsFor(
  { groups_claim: claim = 'groups', groups_filter: filter }: GroupRules,
  groups: readonly string[],
): Record<string, string[]> {
  const isTold = (name: string) => filter === undefined || filter.some((pattern) => fits(pattern, name))
  return { [claim]: groups.filter(isTold) }
}

const fits = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
