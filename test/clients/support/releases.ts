// The releases that are tried, where no lock file of ours says so. The page's table names them.

export const RELEASES = {
  'Authlib': '1.9.6',
  'Flask': '3.1.3',
  'mozilla-django-oidc': '5.0.2',
  'Django': '5.2.19',
  'oauth2-proxy': '7.15.6',
} as const

/** As pip takes it. */
export const pinned = (name: keyof typeof RELEASES): string => `${name}==${RELEASES[name]}`
