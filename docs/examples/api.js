// An API that takes such tokens: Express and jose. Nobody is asked; the signature and the claims say it all
// (RFC 9068 §4).
import express from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'

export function createApi({ issuer, api }) {
  const keys = createRemoteJWKSet(new URL('/jwks', issuer))
  const allow = (scope) => async (request, response, next) => {
    try {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      const { payload } = await jwtVerify(token, keys, { issuer, audience: api, typ: 'at+jwt' })
      if (!String(payload.scope).split(' ').includes(scope))
        return response.status(403).set('WWW-Authenticate', 'Bearer error="insufficient_scope"').end()
      request.caller = payload // `sub`: the person, or the program itself; `client_id`: the application
      next()
    } catch {
      response.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end()
    }
  }

  const app = express()
  app.get('/shifts', allow('read'), (request, response) => response.json({ for: request.caller.sub }))
  return app
}
