package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// EnvServer is what the environment variables of a server's settings begin with;
// a key's own name follows, in capitals and with _ for -: MIBI_SERVE_PUBLIC_URL.
const EnvServer = "MIBI_SERVE_"

// Server are the settings of a server, as its file and the environment have
// them; empty ones are not given. None of them is a secret.
type Server struct {
	// Data is the data folder, Addr is HOST:PORT to listen on, and PublicURL what
	// the server's links begin with.
	Data, Addr, PublicURL string
	// TrustedProxies are ranges of addresses, such as 10.0.0.0/8.
	TrustedProxies []string
	// TLSCert and TLSKey are PEM files.
	TLSCert, TLSKey string

	origins map[string]string
}

// serverSetting is one of the settings, under its key: the name of its flag.
type serverSetting struct {
	key  string
	text *string   // of one that is a text
	list *[]string // of one that is a list of texts
	path bool      // it names a file or folder
}

func (s *Server) settings() []serverSetting {
	return []serverSetting{
		{key: "data", text: &s.Data, path: true},
		{key: "addr", text: &s.Addr},
		{key: "public-url", text: &s.PublicURL},
		{key: "trusted-proxy", list: &s.TrustedProxies},
		{key: "tls-cert", text: &s.TLSCert, path: true},
		{key: "tls-key", text: &s.TLSKey, path: true},
	}
}

// ServerKeys are the keys that a server's file may have.
func ServerKeys() []string {
	var keys []string
	for _, v := range new(Server).settings() {
		keys = append(keys, v.key)
	}
	return keys
}

// Origin says where a setting was given, for messages: a line of a file, or an
// environment variable; empty where it was not.
func (s *Server) Origin(key string) string { return s.origins[key] }

func (s *Server) from(key, origin string) {
	if s.origins == nil {
		s.origins = map[string]string{}
	}
	s.origins[key] = origin
}

// ServerSettings finds what a server's file and the environment say: the
// environment wins. An empty path is no file, and an empty variable is none.
//
// Errors: what reading the file says, and ErrSetting for what is wrong in it, of
// which each fault has a line: see [ServerFileError].
func ServerSettings(path string, getenv func(string) string) (*Server, error) {
	s := &Server{}
	if path != "" {
		if err := s.readFile(path); err != nil {
			return nil, err
		}
	}
	for _, v := range s.settings() {
		name := EnvServer + strings.ToUpper(strings.ReplaceAll(v.key, "-", "_"))
		text := getenv(name)
		switch {
		case text == "":
			continue
		case v.list != nil:
			*v.list = slices.DeleteFunc(strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }), func(s string) bool { return s == "" })
		default:
			*v.text = text
		}
		s.from(v.key, name)
	}
	return s, nil
}

// maxServerFile bounds what is read of a server's file, in bytes.
const maxServerFile = 1 << 20

func (s *Server) readFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("read the server's settings: %w", err)
	case info.IsDir():
		return fmt.Errorf("%w: %s is a folder, not a file of settings", ErrSetting, path)
	case info.Size() > maxServerFile:
		return fmt.Errorf("%w: %s has more than a MiB: it is no file of settings", ErrSetting, path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the server's settings: %w", err)
	}
	folder := filepath.Dir(path)
	if whole, err := filepath.Abs(folder); err == nil {
		folder = whole
	}
	var bad *ServerFileError
	if err := s.parse(raw, folder, path); errors.As(err, &bad) {
		bad.Path = path
		return bad
	}
	return nil
}
