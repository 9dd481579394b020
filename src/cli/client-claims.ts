// What a relying party learns of people, and whom it admits, as options of `client create`
// and `client update`.

import { Option, type Command } from 'commander'
import { GROUP_CLAIMS } from '../oidc/claims-by-scope.js'

export type ClaimOptions = {
  idTokenClaim?: string[]
  groupsClaim?: string
  groupsFilter?: string[]
  requiredGroup?: string[]
}

export const addClaimOptions = (command: Command): Command =>
  command
    .option('--id-token-claim <claim...>', 'claims in the ID token as well (default: at userinfo alone)')
    .addOption(new Option('--groups-claim <name>', 'what it calls groups').choices(GROUP_CLAIMS))
    .option('--groups-filter <pattern...>', 'the groups it is told of; a star stands for any ending')
    .option('--required-group <name...>', 'whom it admits: people in one of these groups')

export const claimMembers = (options: ClaimOptions): Record<string, unknown> => ({
  id_token_claims: options.idTokenClaim,
  groups_claim: options.groupsClaim,
  groups_filter: options.groupsFilter,
  required_groups: options.requiredGroup,
})
