// The groups that an account is in. Applications map them to roles of their own. Pure.

const MOST_GROUPS = 100
const LONGEST_NAME = 64
// What separates names in a file and in an option has no place in one; a star stands for others in a filter.
const NO_NAME = /[\p{C}\p{Zl}\p{Zp},;*]/u

export const groupsOf = ({ groups }: { groups: string | null }): string[] =>
  JSON.parse(groups ?? '[]') as string[]

export const isGroupName = (name: string): boolean =>
  name === name.trim() && name !== '' && [...name].length <= LONGEST_NAME && !NO_NAME.test(name)

/** As they are stored; undefined when one is no name, or there are too many. */
export function changedGroups(
  before: readonly string[],
  { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] },
): string | null | undefined {
  const normal = (names: readonly string[]) => names.map((name) => name.normalize('NFC').trim())
  const removed = new Set(normal(remove))
  const added = normal(add)
  const after = [...new Set([...before.filter((name) => !removed.has(name)), ...added])].sort()
  if (!added.every(isGroupName) || after.length > MOST_GROUPS) return undefined
  return after.length === 0 ? null : JSON.stringify(after)
}
