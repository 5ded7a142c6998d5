import { expect, test } from 'vitest';
import { foldTerms, foldText } from './fold-text.ts';

test.each([
  ['Łukasz Wiśniewski', 'lukasz wisniewski'],
  ['Søren Kjærgaard', 'soren kjaergaard'],
  ['İlker Yıldızoğlu', 'ilker yildizoglu'],
  ['Weißhaupt', 'weisshaupt'],
  ['Đặng Ngọc Ánh', 'dang ngoc anh'],
  ['Þórdís', 'thordis'],
  ['Σταύρος', 'σταυρος'],
  ['ﬁnch', 'finch'],
])('%s is searched as %s', (text, folded) => expect(foldText(text)).toBe(folded));

test('composed and decomposed letters are the same', () => {
  expect(foldText('é'.normalize('NFD'))).toBe(foldText('é'.normalize('NFC')));
  expect(foldText('지우'.normalize('NFD'))).toBe(foldText('지우'));
});

test('a search is its words', () => {
  expect(foldTerms('  Zoë\t ÅSA ')).toEqual(['zoe', 'asa']);
  expect(foldTerms('   ')).toEqual([]);
});
