package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// serverSettings are those of a file's text and an environment.
func serverSettings(t *testing.T, text string, env map[string]string) (s *Server, path string, err error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "server.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = ServerSettings(path, func(name string) string { return env[name] })
	return s, path, err
}

func TestServerSettings(t *testing.T) {
	t.Parallel()
	const all = `
data = "lab" # beside this file
addr = ":443"
public-url = "https://mibi.example.org"
trusted-proxy = ["10.0.0.0/8", "::1/128"]
tls-cert = "tls/cert.pem"
tls-key = 'tls/key.pem'
`
	whole, err := filepath.Abs("elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text string
		env  map[string]string
		want func(folder string) Server
	}{
		"nothing": {want: func(string) Server { return Server{} }},
		"a file": {text: all, want: func(folder string) Server {
			return Server{
				Data: filepath.Join(folder, "lab"), Addr: ":443", PublicURL: "https://mibi.example.org",
				TrustedProxies: []string{"10.0.0.0/8", "::1/128"},
				TLSCert:        filepath.Join(folder, "tls", "cert.pem"), TLSKey: filepath.Join(folder, "tls", "key.pem"),
			}
		}},
		"whole paths, and a byte order mark": {
			text: "\ufeffdata = '" + whole + "'\n",
			want: func(string) Server { return Server{Data: whole} },
		},
		"the environment wins": {
			text: all,
			env: map[string]string{
				"MIBI_SERVE_DATA": "here", "MIBI_SERVE_ADDR": ":80", "MIBI_SERVE_PUBLIC_URL": "http://b", "MIBI_SERVE_TRUSTED_PROXY": "10.1.0.0/16, 10.2.0.0/16",
				"MIBI_SERVE_TLS_CERT": "c", "MIBI_SERVE_TLS_KEY": "k",
			},
			want: func(string) Server {
				return Server{Data: "here", Addr: ":80", PublicURL: "http://b", TrustedProxies: []string{"10.1.0.0/16", "10.2.0.0/16"}, TLSCert: "c", TLSKey: "k"}
			},
		},
		"an empty variable is none": {
			text: `addr = ":443"`, env: map[string]string{"MIBI_SERVE_ADDR": ""},
			want: func(string) Server { return Server{Addr: ":443"} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, path, err := serverSettings(t, test.text, test.env)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want(filepath.Dir(path))
			if diff := cmp.Diff(&want, s, cmpopts.IgnoreUnexported(Server{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestServerSettingsOrigin(t *testing.T) {
	t.Parallel()
	s, path, err := serverSettings(t, "\n\naddr = \":1\"\ndata = \"x\"", map[string]string{"MIBI_SERVE_DATA": "y"})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"addr": path + ", line 3", "data": "MIBI_SERVE_DATA", "tls-key": ""} {
		if got := s.Origin(key); got != want {
			t.Errorf("%s is from %q, want %q", key, got, want)
		}
	}
}

func TestServerSettingsRefused(t *testing.T) {
	t.Parallel()
	const secret = "opensesame"
	for name, test := range map[string]struct {
		text string
		want []ServerFault // with the beginnings of reasons
	}{
		"unknown keys, in the order of their lines": {
			text: "addr = ':1'\npassword = '" + secret + "'\n\nport = 5\n[tls]\ncert = 'x'\n[[log]]\nx = 1\n",
			want: []ServerFault{
				{Line: 2, Unknown: "password", Reason: `there is no setting "password"`}, {Line: 4, Unknown: "port", Reason: `there is no setting "port"`},
				{Line: 5, Unknown: "tls", Reason: `there is no setting "tls"`}, {Line: 7, Unknown: "log", Reason: `there is no setting "log"`},
			},
		},
		"wrong types": {
			text: "data = 5\naddr = true\npublic-url = ['a']\ntrusted-proxy = 'a'\ntls-cert = 2026-01-01\n[tls-key]\n",
			want: []ServerFault{
				{Line: 1, Reason: "data is a number"}, {Line: 2, Reason: "addr is true or false"}, {Line: 3, Reason: "public-url is a list"},
				{Line: 4, Reason: "trusted-proxy is a text"}, {Line: 5, Reason: "tls-cert is a date"}, {Line: 6, Reason: "tls-key is a table"},
			},
		},
		"a list with a number":  {text: "trusted-proxy = ['10.0.0.0/8', 5]", want: []ServerFault{{Line: 1, Reason: "trusted-proxy is a list with other things"}}},
		"dotted":                {text: "addr = ':1'\ntls.cert = 'x'", want: []ServerFault{{Line: 2, Unknown: "tls", Reason: "there is no"}}},
		"twice":                 {text: "addr = ':1'\naddr = '" + secret + "'", want: []ServerFault{{Reason: "key addr is already defined"}}},
		"no TOML":               {text: "addr = ':1'\ndata = " + secret + "\n", want: []ServerFault{{Line: 2, Reason: "this cannot be read"}}},
		"a text without an end": {text: "\ndata = \"" + secret + "\n", want: []ServerFault{{Line: 2, Reason: "this cannot be read"}}},
		"a number beyond all":   {text: "addr = 99999999999999999999", want: []ServerFault{{Line: 1, Reason: "this cannot be read"}}},
		"bytes":                 {text: "\x00\xff\x1b", want: []ServerFault{{Line: 1, Reason: "this cannot be read"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, path, err := serverSettings(t, test.text, nil)
			var bad *ServerFileError
			if !errors.As(err, &bad) || !errors.Is(err, ErrSetting) || s != nil {
				t.Fatalf("%v, %v", s, err)
			}
			if len(bad.Faults) != len(test.want) {
				t.Fatalf("%d faults: %v", len(bad.Faults), err)
			}
			for i, f := range bad.Faults {
				want := test.want[i]
				if f.Line != want.Line || f.Unknown != want.Unknown || !strings.HasPrefix(f.Reason, want.Reason) {
					t.Errorf("%+v, want %+v", f, want)
				}
			}
			if text := err.Error(); !strings.HasPrefix(text, path) || strings.Contains(text, secret) {
				t.Errorf("it says %q", text)
			}
		})
	}
}

func TestServerSettingsNoFile(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	dir := t.TempDir()
	if _, err := ServerSettings(filepath.Join(dir, "nosuch.toml"), none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there: %v", err)
	}
	if _, err := ServerSettings(dir, none); !errors.Is(err, ErrSetting) {
		t.Errorf("of a folder: %v", err)
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, maxServerFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ServerSettings(large, none); !errors.Is(err, ErrSetting) {
		t.Errorf("of a large file: %v", err)
	}
}

func FuzzServerFile(f *testing.F) {
	f.Add([]byte("data = 'x'\ntrusted-proxy = ['10.0.0.0/8']\n"))
	f.Add([]byte("[a.b]\nc = 1\n[[d]]\n"))
	f.Add([]byte("addr = \"\"\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s Server
		err := s.parse(raw, "/folder", "file")
		var bad *ServerFileError
		if err != nil && (!errors.As(err, &bad) || len(bad.Faults) == 0) {
			t.Errorf("%v", err)
		}
		for _, v := range s.settings() {
			if given := v.list != nil && len(*v.list) > 0 || v.text != nil && *v.text != ""; given && s.Origin(v.key) == "" {
				t.Errorf("%s is from nowhere", v.key)
			}
		}
	})
}
