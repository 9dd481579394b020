// Everything a person sees, put together: what `app.ts` mounts, and what the protocol library asks for.

import { join } from 'node:path'
import type { Provider } from 'oidc-provider'
import { loadAssets } from '../src/http/assets.js'
import { createCsrf } from '../src/http/csrf.js'
import type { KeyRing } from '../src/key-ring.js'
import type { CapturedMail } from '../src/mail/transport.js'
import type { ClientsService } from '../src/oidc/clients.js'
import type { ConsentsService } from '../src/oidc/consents.js'
import type { SaveOnlyIf } from '../src/oidc/conditional-save.js'
import type { LivingSession } from '../src/oidc/living-session.js'
import type { ResourceServersService } from '../src/oidc/resource-servers.js'
import { bandColours, installationAssets } from './installation-assets.js'
import type { PageSettings } from './page-settings.js'
import { createAccessPage } from './access/access.js'
import { createConsentStep } from './consent/consent.js'
import { createSignIn } from './sign-in/dispatcher.js'
import type { SignInServices } from './sign-in/step.js'
import { createDevMail } from './site/dev-mail.js'
import { createLostSignIns } from './site/lost.js'
import { createSitePages } from './site/site-pages.js'
import { createWaysOn, type WayOnDependencies } from './site/way-on.js'
import { createPageRenderer } from './views/render.js'

type Dependencies = {
  settings: PageSettings
  services: SignInServices & {
    ring: KeyRing
    clients: ClientsService
    consents: ConsentsService
    resourceServers: ResourceServersService
  }
  /** The one in service: new signing keys bring another. */
  provider: () => Provider
  livingSession: LivingSession
  saveOnlyIf: SaveOnlyIf
  clientBegunWith: WayOnDependencies['clientBegunWith']
  findInteraction: WayOnDependencies['findInteraction']
  /** The demonstration's captured mails, shown at `/dev/mail`. */
  capturedMails: readonly CapturedMail[] | undefined
  now: () => number
  patienceMs: number
  report: (error: unknown) => void
}

export function createPages(dependencies: Dependencies) {
  const { settings, services, provider, clientBegunWith, findInteraction, capturedMails, now } = dependencies
  const { patienceMs, report } = dependencies
  const { accounts, clients, consents, resourceServers } = services
  const own = installationAssets(settings)
  const assets = loadAssets(join(import.meta.dirname, 'assets'), '/assets', own)
  const { organisation, isSharedNetwork, organisationLogo, timeZone } = settings
  const logoUrl = organisationLogo && assets.url(organisationLogo.name)
  const pages = createPageRenderer(
    {
      organisation,
      isSharedNetwork,
      assetUrl: assets.url,
      logoUrl,
      // A telephone's home screen takes no SVG.
      touchIconUrl: logoUrl?.endsWith('.png') === true ? logoUrl : assets.url('apple-touch-icon.png'),
      bandColours: bandColours(settings),
      styleUrls: ['style.css', ...own.map(({ name }) => name), 'print.css']
        .filter((name) => name.endsWith('.css'))
        .map((name) => assets.url(name)),
    },
    now,
  )
  const issuer = () => provider().issuer
  const waysOn = createWaysOn({ clients, issuer, clientBegunWith, findInteraction })
  const lost = createLostSignIns({ pages, waysOn })
  const site = createSitePages({ pages, clients, timeZone, now, waysOn, lost })
  const csrf = createCsrf(services.ring)
  const consent = createConsentStep({ accounts, clients, consents, resourceServers, csrf })
  const signIn = createSignIn({
    provider,
    services,
    clients,
    prompts: { consent, access: createAccessPage({ accounts, clients, csrf }) },
    livingSession: dependencies.livingSession,
    saveOnlyIf: dependencies.saveOnlyIf,
    lost,
    waysOn,
    csrf,
    config: settings,
    now,
    pages,
    patienceMs,
    report,
  })
  const routes = [site.router.routes(), signIn.routes(), signIn.allowedMethods()]
  if (capturedMails !== undefined)
    routes.push(createDevMail({ pages, mails: capturedMails, timeZone }).routes())
  return { assets, site, routes }
}
