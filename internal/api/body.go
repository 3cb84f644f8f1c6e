package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"
)

// Limits of request bodies.
const (
	maxJSON      = 1 << 20  // bytes of a JSON body, and of all text parts of a form
	maxOpenJSON  = 32 << 10 // the same where nobody is logged in
	maxParts     = 256      // parts of a form
	maxPartName  = 128      // bytes of a part's name
	maxFileName  = 255      // bytes of a file's name
	formOverhead = 1 << 20  // bytes of a form besides its file: boundaries, headers
)

// filePart says what to do with the file of a form. take reads the part's
// bytes; what it has stored is the caller's to remove when the form as a whole
// is refused.
type filePart struct {
	name string
	max  int64 // bytes
	take func(fileName string, r io.Reader) error
}

// given reads the fields of a write: JSON, a form of text parts, or a
// multipart form, with one file where the route takes one. Nothing but the
// text parts is held in memory.
//
// A body that decides whose repetition the request is, is read to its end here:
// its sender may take hours over what follows a form, and whoever waits for it
// later would keep others waiting.
func (c *Call) given(file *filePart) (*given, error) {
	g, err := c.fields(file)
	if err == nil && c.once != nil {
		_, err = c.once.asked()
	}
	if err != nil {
		return nil, err
	}
	if g.asked = c.about.asked; g.asked != nil {
		if file != nil {
			g.ask(aFile(file.name))
		}
	}
	return g, nil
}

func (c *Call) fields(file *filePart) (*given, error) {
	media, params, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	if err != nil && c.Request.Header.Get("Content-Type") != "" {
		return nil, newProblem(http.StatusUnsupportedMediaType, "The Content-Type cannot be read.")
	}
	switch media {
	case "", "application/json":
		return c.givenJSON()
	case "application/x-www-form-urlencoded":
		return c.givenURLEncoded()
	case "multipart/form-data":
		return c.givenMultipart(params["boundary"], file)
	}
	return nil, newProblem(http.StatusUnsupportedMediaType, "Content-Type %s is not supported: send JSON or a form.", quote(media))
}

// mostFields is how many bytes of fields a body may have. Somebody who is not
// logged in has no use for many, and must not make the server hold them.
func (c *Call) mostFields() int64 {
	if c.Account.ID == 0 {
		return maxOpenJSON
	}
	return maxJSON
}

// limited is the request's body, of which more than max bytes are an error.
func (c *Call) limited(max int64) io.Reader {
	c.body = http.MaxBytesReader(c.Writer, c.Request.Body, max)
	return c.body
}

// rest is what is left of the request's body, within the limit that it was
// begun with.
func (c *Call) rest() io.Reader {
	if c.body == nil {
		return c.limited(maxJSON)
	}
	return c.body
}

func (c *Call) givenJSON() (*given, error) {
	body, err := io.ReadAll(c.limited(c.mostFields()))
	if err != nil {
		return nil, readProblem(err)
	}
	g := newGiven()
	if g.json, err = parseObject(body); err != nil {
		return nil, err
	}
	return g, nil
}

func (c *Call) givenURLEncoded() (*given, error) {
	body, err := io.ReadAll(c.limited(c.mostFields()))
	if err != nil {
		return nil, readProblem(err)
	}
	if bytes.Count(body, []byte("&")) >= maxParts {
		return nil, newProblem(http.StatusBadRequest, "The form has more than %d fields.", maxParts)
	}
	values, err := url.ParseQuery(string(bytes.TrimSpace(body)))
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "The form cannot be read.")
	}
	g := newGiven()
	g.form = values
	return g, nil
}

func (c *Call) givenMultipart(boundary string, file *filePart) (*given, error) {
	if boundary == "" {
		return nil, newProblem(http.StatusBadRequest, "The form's Content-Type has no boundary.")
	}
	room := c.mostFields()
	limit := room + formOverhead
	if file != nil {
		limit += file.max
	}
	g := newGiven()
	g.form = url.Values{}
	form := multipart.NewReader(c.limited(limit), boundary)
	for n := 0; ; n++ {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return g, nil
		}
		if err != nil {
			return nil, readProblem(err)
		}
		if n == maxParts {
			return nil, newProblem(http.StatusBadRequest, "The form has more than %d parts.", maxParts)
		}
		name, fileName, isFile := partNames(part)
		switch {
		case name == "" || len(name) > maxPartName || !clean(name):
			return nil, newProblem(http.StatusBadRequest, "A part of the form has no usable name.")
		case isFile && (file == nil || name != file.name):
			return nil, fieldProblem(name, "A file is not expected here.")
		case isFile && g.file:
			return nil, fieldProblem(name, "Only one file can be sent.")
		case isFile:
			if err := g.takeFile(file, fileName, part); err != nil {
				return nil, err
			}
		default:
			if room, err = g.takeText(name, part, room); err != nil {
				return nil, err
			}
		}
	}
}

func (g *given) takeFile(file *filePart, fileName string, part io.Reader) error {
	if len(fileName) > maxFileName || !clean(fileName) {
		return fieldProblem(file.name, "The file's name is not usable.")
	}
	g.file = true
	if err := file.take(fileName, part); err != nil {
		return readProblem(err)
	}
	return nil
}

func (g *given) takeText(name string, part io.Reader, room int64) (int64, error) {
	text, err := io.ReadAll(io.LimitReader(part, room+1))
	if err != nil {
		return 0, readProblem(err)
	}
	if room -= int64(len(text)); room < 0 {
		return 0, newProblem(http.StatusRequestEntityTooLarge, "The form's fields are larger than is accepted.")
	}
	g.form[name] = append(g.form[name], string(text))
	return room, nil
}

// partNames reads the raw names of a part: a file's name may hold a slash,
// which [multipart.Part.FileName] would cut at.
func partNames(part *multipart.Part) (name, fileName string, isFile bool) {
	disposition, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || disposition != "form-data" {
		return "", "", false
	}
	fileName, isFile = params["filename"]
	return params["name"], fileName, isFile
}

// readProblem sorts errors of reading a body: what the client sent wrong is
// 400, too much is 413, and our own failures stay what they are.
func readProblem(err error) error {
	var p *problem
	var tooLarge *http.MaxBytesError
	var broken *bodyError
	switch {
	case errors.As(err, &p), errors.As(err, &tooLarge):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return newProblem(http.StatusBadRequest, "The request's body ends too early.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newProblem(http.StatusRequestTimeout, "The request's body stopped arriving.")
	case strings.HasPrefix(err.Error(), "multipart:") || strings.Contains(err.Error(), "malformed MIME header"):
		return newProblem(http.StatusBadRequest, "The form is broken.")
	case errors.As(err, &broken):
		return newProblem(http.StatusBadRequest, "The request's body cannot be read.")
	}
	return fmt.Errorf("read the request's body: %w", err)
}

// clean tells whether a text can be stored: whole UTF-8, no NUL.
func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
