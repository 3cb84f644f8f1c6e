package transfer

import (
	"fmt"
	"regexp"
	"strings"
)

// Filter chooses paths by globs, as --include and --exclude do. A path has
// slashes between its parts, on every system.
//
// A glob may hold * for any characters of one part, ? for one of them, ** for
// any characters of any parts, [a-z] and [!a-z] for one of a set, {one,two} for
// either, and \ before a character that is to stand for itself. Letter case
// matters. A glob that begins with a slash is of the whole path from its
// beginning; any other may begin at any part of it. A glob that names a folder
// means all that is in it.
type Filter struct {
	include, exclude []*regexp.Regexp
}

// PatternError is a glob that cannot be read.
type PatternError struct {
	// Pattern is the glob.
	Pattern string
	// Reason says what is wrong with it.
	Reason string
}

// Error quotes the glob, and says what is wrong with it.
func (e *PatternError) Error() string { return fmt.Sprintf("the pattern %q %s", e.Pattern, e.Reason) }

// NewFilter makes a Filter: it chooses the paths that at least one glob of
// include matches, or any where there is none, and that no glob of exclude
// matches. A glob that cannot be read is a *PatternError.
func NewFilter(include, exclude []string) (*Filter, error) {
	f := &Filter{}
	for _, pattern := range include {
		re, err := compileGlob(pattern)
		if err != nil {
			return nil, err
		}
		f.include = append(f.include, re)
	}
	for _, pattern := range exclude {
		re, err := compileGlob(pattern)
		if err != nil {
			return nil, err
		}
		f.exclude = append(f.exclude, re)
	}
	return f, nil
}

// Match tells whether the filter chooses a path. The nil Filter chooses all.
func (f *Filter) Match(path string) bool {
	if f == nil {
		return true
	}
	path = strings.Trim(path, "/")
	return (len(f.include) == 0 || anyMatches(f.include, path)) && !anyMatches(f.exclude, path)
}

func anyMatches(globs []*regexp.Regexp, path string) bool {
	for _, re := range globs {
		if re.MatchString(path) {
			return true
		}
	}
	return false
}

// maxGlob bounds what is compiled, in bytes.
const maxGlob = 4 << 10

// compileGlob writes a glob as a regular expression, which takes time in
// proportion to the path whatever the glob.
func compileGlob(pattern string) (*regexp.Regexp, error) {
	fail := func(reason string) (*regexp.Regexp, error) { return nil, &PatternError{pattern, reason} }
	rest, anchored := strings.CutPrefix(strings.TrimSuffix(pattern, "/"), "/")
	switch {
	case rest == "":
		return fail("is empty")
	case len(pattern) > maxGlob:
		return fail("is too long")
	}
	var re strings.Builder
	re.WriteString(`(?s)^(?:.*/)?`)
	if anchored {
		re.Reset()
		re.WriteString(`(?s)^`)
	}
	depth := 0
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; c {
		case '*':
			if strings.HasPrefix(rest[i:], "**") {
				i++
				if strings.HasPrefix(rest[i+1:], "/") { // a/**/b is a/b, too
					i++
					re.WriteString(`(?:.*/)?`)
				} else {
					re.WriteString(`.*`)
				}
				continue
			}
			re.WriteString(`[^/]*`)
		case '?':
			re.WriteString(`[^/]`)
		case '[':
			set, n, ok := globSet(rest[i:])
			if !ok {
				return fail("has a [ without its ]")
			}
			re.WriteString(set)
			i += n - 1
		case '{':
			depth++
			re.WriteString(`(?:`)
		case '}':
			if depth--; depth < 0 {
				return fail("has a } without its {")
			}
			re.WriteString(`)`)
		case ',':
			if depth > 0 {
				re.WriteString(`|`)
			} else {
				re.WriteByte(c)
			}
		case '\\':
			if i++; i == len(rest) {
				return fail(`ends in a \`)
			}
			re.WriteString(regexp.QuoteMeta(rest[i : i+1]))
		default:
			re.WriteString(regexp.QuoteMeta(rest[i : i+1]))
		}
	}
	if depth > 0 {
		return fail("has a { without its }")
	}
	re.WriteString(`(?:/.*)?$`)
	compiled, err := regexp.Compile(re.String())
	if err != nil {
		return fail("cannot be read: " + err.Error())
	}
	return compiled, nil
}

// globSet writes the set that a text begins with as one of a regular
// expression, and gives its length. It never has a slash in it.
func globSet(s string) (set string, n int, ok bool) {
	at, negated := 1, false
	if strings.HasPrefix(s[at:], "!") || strings.HasPrefix(s[at:], "^") {
		at, negated = at+1, true
	}
	// A ] that comes first is one of the set.
	end := strings.IndexByte(s[min(at+1, len(s)):], ']')
	if end < 0 {
		return "", 0, false
	}
	end += at + 1
	body := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `&`, `\&`, `~`, `\~`).Replace(s[at:end])
	if negated {
		return "[^/" + body + "]", end + 1, true
	}
	return "[" + body + "]", end + 1, true
}
