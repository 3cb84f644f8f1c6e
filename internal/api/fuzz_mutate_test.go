package api_test

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func keysOf[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// mutate spoils a request that has not been encoded yet.
func (f *fuzzer) mutate(q *request) {
	names := slices.Sorted(keysOf(q.fields))
	n := f.rand.IntN(12)
	switch {
	case n < 5 && len(names) > 0:
		f.mutateField(q, names)
	case n < 7 && (len(q.query) > 0 || len(q.op.params("query")) > 0):
		f.mutateQuery(q)
	case n == 7 && len(q.path) > 0:
		f.mutatePath(q)
	case n == 8:
		f.mutateHeaders(q)
	case n == 9:
		q.slash = pick(f.rand, []string{"none", "double"})
	case n == 10:
		q.who = pick(f.rand, f.people)
	default:
		f.mutateQuery(q)
	}
}

func (f *fuzzer) mutateField(q *request, names []string) {
	name := pick(f.rand, names)
	switch f.rand.IntN(8) {
	case 0:
		delete(q.fields, name)
	case 1: // an object of which nobody has told
		q.fields[name] = pick(f.rand, []int64{0, 1, 99_999, -5, 1 << 53})
	case 2:
		q.fields[hostileText(f.rand)] = hostileValue(f.rand)
	case 3:
		if q.form {
			q.fields[name] = file{hostileText(f.rand), pick(f.rand, []string{"image/png", "text/html", "application/xml", ""}), hostileText(f.rand)}
			return
		}
		q.fields[name] = json.RawMessage(pick(f.rand, brokenJSON))
	case 4:
		if v, isFile := q.fields[name].(file); isFile {
			switch f.rand.IntN(3) {
			case 0:
				v.name = hostileText(f.rand)
			case 1:
				v.content = v.content[:f.rand.IntN(len(v.content)+1)]
			default:
				b := []byte(v.content)
				for range 1 + f.rand.IntN(8) {
					if len(b) > 0 {
						b[f.rand.IntN(len(b))] = byte(f.rand.IntN(256))
					}
				}
				v.content = string(b)
			}
			q.fields[name] = v
			return
		}
		q.fields[name] = hostileText(f.rand)
	default:
		q.fields[name] = hostileValue(f.rand)
	}
}

func (f *fuzzer) mutateQuery(q *request) {
	known := q.op.params("query")
	name := hostileText(f.rand)
	if len(known) > 0 && !chance(f.rand, 10) {
		name = pick(f.rand, known).text("name")
	}
	text := func() string { // a URL that is too long is one refusal only
		s := hostileText(f.rand)
		return s[:min(len(s), 1500)]
	}
	name = name[:min(len(name), 1500)]
	switch f.rand.IntN(10) {
	case 0:
		q.query = append(q.query, [2]string{text(), text()})
	case 1:
		q.raw = pick(f.rand, []string{"%zz", "a=%", "&&&", "=", "limit=1;offset=2", "a[b]=1", strings.Repeat("a=1&", 300), "id=1&id=2&id=3", "x=" + strings.Repeat("y", 20_000)})
	case 2:
		for range 120 {
			q.query = append(q.query, [2]string{name, "1"})
		}
	case 3:
		q.query = append(q.query, [2]string{"ordering", pick(f.rand, []string{"", "-", "--id", "id,id", "+id", "-id,name", "password", "run__created_by", "id desc", "(select 1)", "search.run", "id,,id"})})
	case 4:
		q.query = append(q.query, [2]string{pick(f.rand, []string{"limit", "offset"}), pick(f.rand, []string{"0", "-1", "1001", "9999999999", "1e3", "x", "", "2147483647"})})
	case 5:
		q.query = append(q.query, [2]string{name + pick(f.rand, []string{"__in", "__gt", "__icontains", "__password", "__"}), text()})
	default:
		q.query = append(q.query, [2]string{name, text()})
	}
}

func (f *fuzzer) mutatePath(q *request) {
	name := pick(f.rand, slices.Sorted(keysOf(q.path)))
	q.path[name] = pick(f.rand, []string{
		"0", "-1", "99999", "9223372036854775808", "1.0", "1e2", "%31", "+1", "%20", "%00", "%ff", "%2e%2e", "..", "a%2Fb", "1%2F..%2F2", "%27%20or%201=1",
		"%3Cscript%3E", "1%3Fa", "%F0%9F%A7%AC", strings.Repeat("9", 400), "0x1", "1;2", "%d9%a3",
	})
	q.elsewhere = true // the router may take it for another path
}

func (f *fuzzer) mutateHeaders(q *request) {
	switch f.rand.IntN(12) {
	case 0:
		q.header.Set("Content-Type", pick(f.rand, []string{"text/plain", "text/html", "application/xml", "application/json; charset=latin1", "multipart/form-data", "multipart/form-data; boundary=",
			"multipart/mixed; boundary=x", "application/x-www-form-urlencoded", "garbage", "a/b;;;=", "image/tiff", "text/csv", "application/json;", "APPLICATION/JSON"}))
	case 1:
		q.header["Content-Type"] = nil // none at all
	case 2:
		q.header.Set("Idempotency-Key", pick(f.rand, []string{"", " ", "same", strings.Repeat("k", 256), "é", "\xff", "a b", "'; --"}))
	case 3:
		q.header.Add("Idempotency-Key", "same")
		q.header.Add("Idempotency-Key", "other")
	case 4:
		q.header.Set("Authorization", pick(f.rand, []string{"JWT", "JWT ", "Basic YTpi", "JWT a.b.c", "Bearer mibi_x", "Bearer mibi_" + strings.Repeat("A", 5000),
			"JWT eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoxfQ.", q.who.auth + "x", strings.ToLower(q.who.auth), "Bearer " + strings.TrimPrefix(q.who.auth, "JWT ")}))
	case 5:
		q.header.Set("Accept", pick(f.rand, []string{"text/html", "application/xml", "*/*;q=0", "garbage"}))
	case 6:
		q.header.Set("X-Forwarded-Host", "evil.example.org")
		q.header.Set("X-Forwarded-For", hostileHeader(f))
		q.header.Set("X-HTTP-Method-Override", "DELETE")
	case 7:
		q.header.Set("Content-Encoding", pick(f.rand, []string{"gzip", "deflate", "identity", "x"}))
	case 8:
		q.header.Set("Range", pick(f.rand, []string{"bytes=-", "bytes=5-1", "bytes=0-0,0-0,0-0", "items=0-5", "bytes=" + strings.Repeat("0-1,", 200), "bytes=99999999999999999999-", "x"}))
	case 9:
		q.header.Set("If-Modified-Since", pick(f.rand, []string{"yesterday", "Fri, 31 Dec 2999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"}))
	case 10:
		q.header.Set("Cookie", hostileHeader(f))
		q.header.Set("Origin", "https://evil.example.org")
		q.header.Set("Sec-Fetch-Site", "cross-site")
	default:
		q.header.Set("X-Request-Id", hostileHeader(f))
		q.header.Set("Prefer", hostileHeader(f))
	}
}

// hostileHeader is a hostile text that a client can send in a header.
func hostileHeader(f *fuzzer) string {
	text := hostileText(f.rand)
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text[:min(len(text), 3000)])
}

// spoil breaks a body that has been encoded.
func (f *fuzzer) spoil(q *request) {
	switch f.rand.IntN(9) {
	case 0:
		q.body = nil
	case 1:
		q.body = q.body[:f.rand.IntN(len(q.body)+1)]
	case 2:
		q.body = slices.Clone(q.body)
		for range 1 + f.rand.IntN(6) {
			if len(q.body) > 0 {
				q.body[f.rand.IntN(len(q.body))] = byte(f.rand.IntN(256))
			}
		}
	case 3:
		q.body = slices.Concat(q.body, q.body)
	case 4:
		q.body = []byte(pick(f.rand, append(brokenJSON, "[]", "[{}]", "null", `""`, "1", "{}", " ", "\ufeff{}", `{"":""}`)))
	case 5:
		q.body = bytes.ReplaceAll(q.body, []byte("\r\n"), []byte("\n"))
	case 6:
		q.body = bytes.ReplaceAll(q.body, []byte("form-data"), []byte(pick(f.rand, []string{"attachment", "form-data; name=x", "form-data; filename=", ""})))
	case 7:
		q.body = []byte(strings.Repeat("--fuzzed-boundary-0123456789\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx\r\n", 300))
	default:
		q.body = []byte(`{` + strings.Repeat(`"name":"x",`, f.rand.IntN(3000)) + `"organ":"x"}`)
	}
}

// otherMethod gives a request a method that its path does not have.
func (f *fuzzer) otherMethod(q *request) {
	has := map[string]bool{}
	for _, op := range f.spec.ops {
		if samePath(op.path, q.op.path) {
			has[op.method] = true
			has[http.MethodHead] = has[http.MethodHead] || op.method == http.MethodGet
		}
	}
	method := pick(f.rand, []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X" + strconv.Itoa(f.rand.IntN(9))})
	if !has[method] {
		q.method = method
	}
}

// samePath tells whether a path fits two patterns.
func samePath(a, b string) bool {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		if as[i] != bs[i] && !strings.HasPrefix(as[i], "{") && !strings.HasPrefix(bs[i], "{") {
			return false
		}
	}
	return true
}
