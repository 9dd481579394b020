// A small drawing for each step of the set-up page. They only decorate: what they show is said in words
// beside them, and screen readers pass them by.

import type { VNode } from 'preact'

/** A telephone that shows the mark of Google Authenticator: a star of three strokes. */
export const PHONE = drawing(`${phone(15)}M 24 17v12M 18.8 20l10.4 6M 29.2 20l-10.4 6M 22 38.5h4`)

export const PLUS_SIGN = drawing(`${phone(10)}M 17 38.5h4M 33 22.5a8 8 0 1 0 .1 0zM 33 26.5v8M 29 30.5h8`)

/** What the camera sees. */
export const QR_IN_FRAME = drawing(
  'M 6 14V9a3 3 0 0 1 3-3h5M 34 6h5a3 3 0 0 1 3 3v5M 42 34v5a3 3 0 0 1-3 3h-5M 14 42H9a3 3 0 0 1-3-3v-5' +
    'M 14 14h7v7h-7zM 27 14h7v7h-7zM 14 27h7v7h-7zM 27 27h3v3M 34 27v3M 27 34h3M 34 34v-.5',
)

/** Six digits in two groups: 482 915. */
export const SIX_DIGITS = drawing(
  'M 9 5h30a4 4 0 0 1 4 4v30a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4V9a4 4 0 0 1 4-4z' +
    'M 12 12v5h5M 17 12v10M 22 12h5v10h-5zM 22 17h5M 32 12h5v5h-5v5h5' +
    'M 17 31h-5v-5h5v10M 24.5 26v10M 37 26h-5v5h5v5h-5',
)

/** A telephone with a label on it. */
export const NAME_TAG = drawing(`${phone(15)}M 20 15h8M 20 19.5h8M 22 38.5h4M 19.5 29l3 3 6-6.5`)

/** The outline of a telephone, 18 wide, its left edge at `x`. */
function phone(x: number): string {
  return `M ${x + 3} 5h12a3 3 0 0 1 3 3v32a3 3 0 0 1-3 3h-12a3 3 0 0 1-3-3v-32a3 3 0 0 1 3-3z`
}

function drawing(path: string): VNode {
  return (
    <svg
      class="drawing"
      viewBox="0 0 48 48"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  )
}
