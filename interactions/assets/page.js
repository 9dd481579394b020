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

// The refusal is what a person who cannot see the page must hear first.
const refusal = document.getElementById('error-summary')
refusal?.focus()
// On a small screen the field to correct comes into sight with it.
const firstBad = document.querySelector('[aria-invalid]')
if (firstBad && firstBad.getBoundingClientRect().bottom > innerHeight) refusal?.scrollIntoView()

document.querySelector('form[data-sends-itself]')?.submit()
