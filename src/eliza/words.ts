/**
 * The words of a text in upper case. Commas and full stops are words of their own; all marks that end a sentence count
 * as full stops, and brackets and quotation marks as blanks.
 */
export function wordsOf(text: string): string[] {
  return text
    .replace(/[‘’ʼ`]/g, "'")
    .replace(/[.!?;:…。！？]+/g, ' . ')
    .replace(/[,、，]/g, ' , ')
    .replace(/[()[\]{}"“”„«»]/g, ' ')
    .toUpperCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** The opposite: blanks between words, but none before a comma or a full stop. */
export const textOf = (words: readonly string[]): string => words.join(' ').replace(/ +(?=[,.](?: |$))/g, '');
