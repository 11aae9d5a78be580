/* A password that can be read out: no letter looks like a digit. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 4
const LENGTH = 4

export function newPassword(): string {
  // 31 letters: what is above the last whole multiple would favour the first ones.
  const most = 256 - (256 % LETTERS.length)
  let made = ''
  while (made.length < GROUPS * LENGTH) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1))
    if (byte < most) made += LETTERS.charAt(byte % LETTERS.length)
  }
  return made.replace(/(.{4})(?=.)/g, '$1-')
}
