// Django with mozilla-django-oidc: the page's settings and backend, in the smallest project.

import { test } from '@jest/globals'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectArrivedAt, expectSignedIn, expectSignedOut, press, signIn } from './support/journey.js'
import { pinned } from './support/releases.js'
import { JULIE, useStage } from './support/stage.js'
import { build, pythonWith } from './support/tools.js'

const SETTINGS = `import os
DEBUG = True
SECRET_KEY = "a secret of the application alone"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "horaire.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "horaire.db"}}
`
const URLS = `from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.urls import include, path


@login_required
def home(request):
    return JsonResponse({"cip": request.session["cip"], "name": request.user.first_name})


urlpatterns = [
    path("", home),
    path("signed-out", lambda request: HttpResponse("Au revoir")),
    path("oidc/", include("mozilla_django_oidc.urls")),
]
`

const stage = useStage()

test('sign-in, claims, sign-out', async () => {
  const section = stage.section('Django')
  await stage.run(section.take('sh'))
  const project = join(stage.folder(), 'horaire')
  mkdirSync(project)
  writeFileSync(join(project, 'settings.py'), SETTINGS + section.take('python'))
  writeFileSync(join(project, 'sign_in.py'), section.take('python'))
  writeFileSync(join(project, 'urls.py'), URLS)
  section.expectAllRun()

  const python = await pythonWith('django', [pinned('mozilla-django-oidc'), pinned('Django')])
  const env = {
    CLIENT_SECRET: stage.secret(),
    DJANGO_SETTINGS_MODULE: 'horaire.settings',
    PYTHONPATH: stage.folder(),
  }
  await build(python, ['-m', 'django', 'migrate', '--verbosity=0'], { cwd: stage.folder(), env })
  const host = `localhost:${stage.applicationPort()}`
  await stage.start(python, ['-m', 'django', 'runserver', '--noreload', host], {
    env,
    url: `${stage.application()}/signed-out`,
  })

  const { page } = await stage.openBrowser()
  await page.goto(stage.application())
  await signIn(page, JULIE)
  await expectSignedIn(page, stage, JULIE)

  await press(page, '/oidc/logout/')
  await expectArrivedAt(page, stage, '/signed-out')
  await expectSignedOut(page, stage)
})
