// The name a person gives to a phone. It is shown in pages, mails, the audit log and exports, so nothing
// invisible may hide in it.

const MAX_LENGTH = 50

/**
 * NFC, trimmed, 1 to 50 code points, one of them visible, no control, format (bidi) or unassigned character;
 * undefined otherwise.
 */
export function parseDeviceName(input: string): string | undefined {
  const name = input.normalize('NFC').trim()
  const length = [...name].length
  // Some letters and signs leave nothing on the page: fillers, lone accents and joiners, the empty Braille
  // cell.
  const isVisible = /[^\p{Default_Ignorable_Code_Point}\p{Z}\p{M}\u2800]/u.test(name)
  // U+200D joins emoji such as a family; it is the one format character a name may hold.
  return isVisible && length <= MAX_LENGTH && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name.replaceAll('\u200d', ''))
    ? name
    : undefined
}
