package mibi

import "unicode/utf8"

// fromWindows1252 decodes one byte of the code page. It differs from
// ISO-8859-1 in 0x80 to 0x9f alone; its five unassigned bytes are the
// replacement character.
func fromWindows1252(b byte) rune {
	const bad = utf8.RuneError
	if b < 0x80 || b > 0x9f {
		return rune(b)
	}
	return [32]rune{
		'€', bad, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', bad, 'Ž', bad,
		bad, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', bad, 'ž', 'Ÿ',
	}[b-0x80]
}
