// Small comforts. No page needs them: without script every button here stays hidden and every form works.

for (const button of document.querySelectorAll('button[data-shows]')) {
  const fields = button.dataset.shows.split(' ').map((id) => document.getElementById(id))
  const [first] = fields
  const turn = (type) => {
    for (const field of fields) field.type = type
  }
  button.hidden = false
  button.addEventListener('click', () => {
    turn(first.type === 'password' ? 'text' : 'password')
    const { otherText, otherLabel } = button.dataset
    button.dataset.otherText = button.textContent
    button.dataset.otherLabel = button.getAttribute('aria-label')
    button.textContent = otherText
    button.setAttribute('aria-label', otherLabel)
  })
  // A password manager must find a password field when the form leaves.
  first.form.addEventListener('submit', (event) => {
    if (!event.defaultPrevented) turn('password')
  })
}

for (const button of document.querySelectorAll('button[data-copies]')) {
  button.hidden = !navigator.clipboard
  button.addEventListener('click', () => {
    const key = document.getElementById(button.dataset.copies).textContent.replace(/\s/g, '')
    const showCopied = () => {
      button.textContent = button.dataset.done
    }
    const leaveAsItIs = () => {} // the key stays on the page, to be typed
    navigator.clipboard.writeText(key).then(showCopied, leaveAsItIs)
  })
}

const clock = document.getElementById('server-time')
if (clock) {
  const offset = Number(clock.dataset.at) - performance.now()
  const format = new Intl.DateTimeFormat(clock.dataset.locale === 'en' ? 'en-CA' : clock.dataset.locale, {
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZone: clock.dataset.timeZone,
  })
  const tick = () => {
    clock.textContent = format.format(performance.now() + offset)
  }
  document.getElementById('server-time-still').hidden = true
  tick()
  setInterval(tick, 1000)
}

const difference = document.getElementById('clock-difference')
if (difference) {
  const { at, locale, ahead, behind } = difference.dataset
  // When this page was asked for, by the clock here and by the server's.
  const minutes = Math.round((Date.now() - performance.now() - Number(at)) / 60_000)
  const size = Math.abs(minutes)
  const [unit, value] =
    size < 90 ? ['minute', size] : size < 2880 ? ['hour', size / 60] : ['day', size / 1440]
  const format = new Intl.NumberFormat(locale === 'en' ? 'en-CA' : locale, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 0,
  })
  difference.textContent = (minutes > 0 ? ahead : behind).replace('{offset}', format.format(value))
  difference.hidden = size === 0
}

// A page that answers a post is, for Back and Reload, the page at its address: or the browser would show an
// error of its own, or ask whether to send everything again.
history.replaceState(null, '', location.href)

// What was typed survives the change of language: never a password or a code, and for the next page alone. A
// browser that refuses to keep anything throws at the very name of the storage.
const KEPT_FIELDS = '#cip:not([readonly]), #deviceName, #sharedComputer, #rememberMe'
const keptAs = (field) => (field.type === 'checkbox' ? 'checked' : 'value')
const storage = (() => {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
})()
const kept = JSON.parse(storage?.getItem('typed') ?? 'null')
storage?.removeItem('typed')
for (const field of document.querySelectorAll(KEPT_FIELDS))
  if (kept?.path === location.pathname && field.id in kept.values)
    field[keptAs(field)] = kept.values[field.id]
document.querySelector('a.switch')?.addEventListener('click', () => {
  const fields = [...document.querySelectorAll(KEPT_FIELDS)]
  const values = Object.fromEntries(fields.map((field) => [field.id, field[keptAs(field)]]))
  storage?.setItem('typed', JSON.stringify({ path: location.pathname, values }))
})

// A sign-in that is over leads on by itself, but nobody who came by Back, or waits here already, is pushed.
const wayOn = document.querySelector('a[data-continues]')
if (wayOn) {
  if (performance.getEntriesByType('navigation')[0]?.type === 'navigate')
    setTimeout(() => location.replace(wayOn.href), 5000)
  else document.getElementById('leading-on').hidden = true
}

// The refusal is what a person who cannot see the page must hear first.
const refusal = document.getElementById('error-summary')
refusal?.focus()
// On a small screen the field to correct comes into sight with it.
const firstBad = document.querySelector('[aria-invalid]')
const isBelow = () => firstBad && firstBad.getBoundingClientRect().bottom > innerHeight
if (isBelow()) refusal?.scrollIntoView()
if (isBelow()) firstBad.closest('.field')?.scrollIntoView({ block: 'nearest' })

document.querySelector('form[data-sends-itself]')?.submit()
