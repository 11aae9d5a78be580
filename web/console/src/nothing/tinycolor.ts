/* Stands for a library that Element Plus asks for only when a button is given its own colour. */
export class TinyColor {
  constructor() {
    throw new Error('colours come from the tokens')
  }
}
