/** Text as it is searched: without case, diacritics and the letters that Unicode does not take apart. Pure. */

const letters: Record<string, string> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
};

export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[øłđðħıßæœþ]/g, (letter) => letters[letter] ?? letter);
}

/** The words of a search. All of them must be found. */
export function foldTerms(query: string): string[] {
  return foldText(query)
    .split(/\s+/)
    .filter((term) => term !== '');
}
