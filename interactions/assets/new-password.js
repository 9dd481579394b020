// The rules for a new password, ticked as one types. What breaks one is said here and not sent, so that
// nothing typed is lost. The server judges whatever arrives: src/accounts/password-policy.ts, with which
// `faultsOf` must agree (test/unit/new-password).

/** Code points after NFC: `.length` counts an emoji twice. */
export const lengthOf = (password) => [...password.normalize('NFC')].length

/** Without case, accents and separators. */
const fold = (text) =>
  text
    .normalize('NFC')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replace(/[^\p{L}\p{N}]/gu, '')

/** A CIP of one or two signs counts when nothing else is there but digits. */
const containsCip = (folded, cip) =>
  cip !== '' && folded.includes(cip) && (cip.length >= 3 || /^\d*$/.test(folded.replaceAll(cip, '')))

/** What can be known here of the faults that the server would find, in its order; `own` is folded already. */
export function faultsOf(password, { min, max, own }) {
  const length = lengthOf(password)
  const folded = fold(password)
  const isInside = (part) => folded.includes(part)
  return [
    ['too-short', length < min],
    ['too-long', length > max],
    ['contains-cip', containsCip(folded, own.cip)],
    ['contains-name', own.name.some(isInside)],
    ['contains-organisation', own.organisation.some(isInside)],
    ['has-control-characters', /[\p{Cc}\p{Cs}]/u.test(password.normalize('NFC'))],
  ].flatMap(([fault, isFault]) => (isFault ? [fault] : []))
}

/** 'met', 'unmet', or 'open' for what may still come with the next key. */
export function stateOf(rule, { password, confirmation, faults }) {
  if (password === '') return 'open'
  switch (rule) {
    case 'length':
      return faults.includes('too-long') ? 'unmet' : faults.includes('too-short') ? 'open' : 'met'
    case 'same': {
      const [first, second] = [password, confirmation].map((text) => text.normalize('NFC'))
      return first === second ? 'met' : first.startsWith(second) ? 'open' : 'unmet'
    }
    default:
      return faults.includes(`contains-${rule}`) ? 'unmet' : 'met'
  }
}

const PAUSE_MS = 1200

const list = globalThis.document?.getElementById('rules')
if (list) watch(list)

function watch(rules) {
  const limits = JSON.parse(rules.dataset.limits)
  const texts = JSON.parse(rules.dataset.texts)
  const field = document.getElementById('newPassword')
  const again = document.getElementById('newPasswordConfirmation')

  const states = [...rules.querySelectorAll('[data-rule]')].map((item) => {
    const word = document.createElement('span')
    word.className = 'spoken'
    item.prepend(word)
    return { item, word, rule: item.dataset.rule }
  })
  const counter = document.createElement('span')
  counter.className = 'counter'
  field.closest('.field').prepend(counter)
  const status = document.createElement('output')
  status.className = 'spoken'
  rules.after(status)
  rules.classList.add('live')

  const read = () => ({
    password: field.value,
    confirmation: again.value,
    faults: faultsOf(field.value, limits),
  })
  const isSame = () => field.value.normalize('NFC') === again.value.normalize('NFC')
  /** What the server would answer, by field. */
  function messages() {
    const { password, faults } = read()
    if (password === '') return [texts.missing, '']
    return [faults.map((fault) => texts.faults[fault]).join(' '), isSame() ? '' : texts.differs]
  }
  function counted() {
    const count = lengthOf(field.value)
    const text =
      count < limits.min ? texts.countShort : count > limits.max ? texts.countLong : texts.countEnough
    return text.replace('{count}', count)
  }

  function draw() {
    const typed = read()
    for (const { item, word, rule } of states) {
      const state = stateOf(rule, typed)
      item.dataset.state = state
      word.textContent = `${texts[state]} `
    }
    counter.textContent = counted()
    counter.classList.toggle('bad', typed.faults.includes('too-long'))
  }

  // Said once a person pauses: never at each key.
  let pause
  function speak(about) {
    clearTimeout(pause)
    pause = setTimeout(() => {
      const { password, faults } = read()
      const broken = faults.filter((fault) => !fault.startsWith('too-')).map((fault) => texts.faults[fault])
      const kept = faults.length === 0 ? [texts.kept] : []
      const said =
        password === ''
          ? ''
          : about === again
            ? stateOf('same', read()) === 'met'
              ? texts.same
              : texts.differs
            : [`${counted()}.`, ...broken, ...kept].join(' ')
      if (status.textContent !== said) status.textContent = said
    }, PAUSE_MS)
  }

  /** The message beside a field, as the server writes it; '' takes it away. */
  function mark(input, message) {
    const id = `${input.id}-error`
    const box = input.closest('.field')
    const before = input.getAttribute('aria-describedby') ?? ''
    const described = before.split(' ').filter((one) => one !== '' && one !== id)
    document.getElementById(id)?.remove()
    box.classList.toggle('bad', message !== '')
    if (message === '') input.removeAttribute('aria-invalid')
    else {
      const line = document.createElement('p')
      line.className = 'message'
      line.id = id
      line.textContent = message
      box.querySelector('label').after(line)
      input.setAttribute('aria-invalid', 'true')
      described.push(id)
    }
    if (described.length > 0) input.setAttribute('aria-describedby', described.join(' '))
    else input.removeAttribute('aria-describedby')
  }

  const fields = [field, again]
  for (const input of fields)
    input.addEventListener('input', () => {
      draw()
      speak(input)
      const now = messages()
      for (const [index, one] of fields.entries())
        if (one.getAttribute('aria-invalid') && (one === input || now[index] === '')) mark(one, now[index])
    })

  // Comes before page.js’s own, which hides both for their journey.
  field.form.addEventListener('submit', (event) => {
    const now = messages()
    const bad = fields.filter((_, index) => now[index] !== '')
    if (bad.length === 0) return
    event.preventDefault()
    clearTimeout(pause)
    document.getElementById('error-summary')?.remove()
    for (const [index, input] of fields.entries()) mark(input, now[index])
    bad[0].focus()
  })
  draw()
}
