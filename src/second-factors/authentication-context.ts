// How a complete sign-in is told to relying parties: password and one-time code, in the words of RFC 8176 and
// REFEDS.

export const FULL_SIGN_IN = { acr: 'https://refeds.org/profile/mfa', amr: ['pwd', 'otp', 'mfa'] }
