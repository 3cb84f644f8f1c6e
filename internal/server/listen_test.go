package server

import (
	"net"
	"testing"
)

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cfg  Config
		want bool
	}{
		{Config{Addr: "127.0.0.1:8000"}, false},
		{Config{Addr: "localhost:8000"}, false},
		{Config{Addr: "[::1]:8000"}, false},
		{Config{Addr: ":8000"}, true},
		{Config{Addr: "0.0.0.0:8000"}, true},
		{Config{Addr: "192.0.2.1:8000"}, true},
		{Config{Addr: "mibi.example.org:8000"}, true},
		{Config{Addr: ":8000", TLSCert: "c", TLSKey: "k"}, false},
		{Config{Addr: ":8000", PublicURL: "https://mibi.example.org"}, false},
		{Config{Addr: "127.0.0.1:8000", PublicURL: "http://mibi.example.org"}, true},
		{Config{Addr: "127.0.0.1:8000", PublicURL: "http://localhost:8000"}, false},
	} {
		if got := len(warnings(test.cfg)) > 0; got != test.want {
			t.Errorf("%s, public %q: warned %t", test.cfg.Addr, test.cfg.PublicURL, got)
		}
	}
}

func TestLocalURL(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"127.0.0.1:80": "http://127.0.0.1:80", "0.0.0.0:81": "http://127.0.0.1:81", "[::]:82": "http://127.0.0.1:82", "[::1]:83": "http://[::1]:83",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := localURL(tcp, false); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}
