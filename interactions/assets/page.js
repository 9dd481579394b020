// Small comforts. No page needs them: without script every button here stays hidden and every form works.

for (const button of document.querySelectorAll('button[data-shows]')) {
  const field = document.getElementById(button.dataset.shows)
  button.hidden = false
  button.addEventListener('click', () => {
    const shows = field.type === 'password'
    field.type = shows ? 'text' : 'password'
    const { otherText, otherLabel } = button.dataset
    button.dataset.otherText = button.textContent
    button.dataset.otherLabel = button.getAttribute('aria-label')
    button.textContent = otherText
    button.setAttribute('aria-label', otherLabel)
  })
  // A password manager must find a password field when the form leaves.
  field.form.addEventListener('submit', () => {
    field.type = 'password'
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

// The refusal is what a person who cannot see the page must hear first.
document.getElementById('error-summary')?.focus()

document.querySelector('form[data-sends-itself]')?.submit()
