// Time on a page: how long a sign-in still lasts, and how long somebody must wait. Without script both stand
// there as text, with a button where there is one.

const SOON_SECONDS = 300

/** Calls back each second with what is left of so many, until nothing is. */
const countDown = (seconds, tell) => {
  const end = performance.now() + seconds * 1000
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000))
    if (left === 0) clearInterval(timer)
    tell(left)
  }, 1000)
  return () => clearInterval(timer)
}

// A sign-in. It is said once that its end is near; at its end a page that nobody has typed into is asked for
// again, which says so. A key or a QR code does not stay on a screen that was left.
const time = document.querySelector('[data-seconds-left]')
if (time) {
  const status = time.querySelector('output')
  const isTouched = () =>
    [...document.querySelectorAll('#cip, #password')].some((field) => field.value !== field.defaultValue)
  const look = (left) => {
    if (left === 0 && !isTouched()) location.reload()
    if (!status || left > SOON_SECONDS || time.classList.contains('soon')) return
    time.classList.add('soon')
    status.textContent = time.dataset.soon
  }
  const begin = (left) => {
    look(left)
    return countDown(left, look)
  }
  let stop = begin(Number(time.dataset.secondsLeft))

  const { serverTime, locale, timeZone, until } = time.dataset
  const offset = Number(serverTime) - performance.now()
  const format = new Intl.DateTimeFormat(locale === 'en' ? 'en-CA' : locale, {
    hour: 'numeric',
    minute: '2-digit',
    timeZone,
  })

  // By script nothing that was typed is lost; when that fails, as without it.
  const form = time.querySelector('form')
  async function prolong() {
    const answer = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: 'application/json' },
      redirect: 'manual',
    }).catch(() => undefined)
    if (answer?.ok !== true) return form.submit()
    const { secondsLeft, isLast } = await answer.json()
    stop()
    time.classList.remove('soon')
    const endsAt = performance.now() + offset + secondsLeft * 1000
    const said = until.replace('{time}', format.format(endsAt))
    time.querySelector('span').textContent = said
    status.textContent = said
    if (isLast) {
      time.dataset.soon = time.dataset.soonLast
      form.remove()
    }
    stop = begin(secondsLeft)
  }
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    void prolong()
  })
}

// A wait. The number moves in silence; that it is over is said once.
const duration = (seconds) => {
  const minutes = Math.floor(seconds / 60)
  const rest = seconds % 60
  return [minutes > 0 ? `${minutes}\u00a0min` : '', rest > 0 || minutes === 0 ? `${rest}\u00a0s` : '']
    .filter((part) => part !== '')
    .join('\u00a0')
}
for (const number of document.querySelectorAll('[data-wait-seconds]'))
  countDown(Number(number.dataset.waitSeconds), (left) => {
    number.textContent = duration(left)
    if (left > 0) return
    const box = number.closest('[data-wait-over]')
    box.classList.replace('refusal', 'note')
    box.textContent = box.dataset.waitOver
  })
