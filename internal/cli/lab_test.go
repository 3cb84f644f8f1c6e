package cli_test

import (
	"context"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/synth"
)

// The account of every script's lab.
const labEmail, labPassword = "ann@example.org", "a good password"

// isolate keeps a script away from the settings and the keyring of whoever
// runs the tests.
func isolate(env *testscript.Env) {
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		env.Setenv(name, filepath.Join(env.WorkDir, "home"))
	}
	env.Setenv("MIBI_NO_KEYRING", "1")
	for _, name := range []string{"URL", "EMAIL", "PASSWORD", "TOKEN"} {
		env.Setenv("MIBITRACKER_"+name, "")
	}
}

// lab starts a real server in this process: lab [NAME]. It sets URL, EMAIL and
// PASSWORD ($NAME_URL and so on for a second one), and is stopped with the
// script. The folder lab holds run.xml and fov.tiff to work with.
func lab(ts *testscript.TestScript, neg bool, args []string) {
	prefix, folder := "", "lab"
	switch {
	case neg || len(args) > 1:
		ts.Fatalf("usage: lab [NAME]")
	case len(args) == 1:
		prefix, folder = args[0]+"_", args[0]
	}
	folder = ts.MkAbs(folder)
	ts.Check(os.MkdirAll(folder, 0o700))
	image, err := synth.FOV(1, synth.Small())
	ts.Check(err)
	tiff, err := image.TIFF()
	ts.Check(err)
	xml, err := synth.RunXML([]*synth.Image{image})
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(folder, "fov.tiff"), tiff, 0o600))
	ts.Check(os.WriteFile(filepath.Join(folder, "run.xml"), xml, 0o600))

	data := filepath.Join(folder, "data")
	ctx, stop := context.WithCancel(context.Background())
	_, err = server.AddUser(ctx, data, labEmail, labPassword, true)
	ts.Check(err)
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- server.Run(ctx, server.Config{DataDir: data, Addr: "127.0.0.1:0", Version: "test", Logger: slog.New(slog.DiscardHandler)},
			func(url string) { ready <- url })
	}()
	ts.Defer(func() {
		stop()
		ts.Check(<-ended)
	})
	select {
	case url := <-ready:
		ts.Setenv(prefix+"URL", url)
	case err := <-ended:
		ended <- nil
		ts.Fatalf("the server did not come up: %v", err)
	}
	ts.Setenv(prefix+"EMAIL", labEmail)
	ts.Setenv(prefix+"PASSWORD", labPassword)
}

// keep sets a variable to what the last command printed: keep NAME.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keep NAME")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// tls puts an https server of an unknown authority before the lab: it sets
// TLS_URL and writes the authority's ca.pem.
func tls(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: tls")
	}
	lab, err := url.Parse(ts.Getenv("URL"))
	ts.Check(err)
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(lab))
	front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	front.StartTLS()
	ts.Defer(front.Close)
	ts.Setenv("TLS_URL", front.URL)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), ca, 0o600))
}

// silent starts a server that takes connections and never says a word: it sets
// SILENT_URL.
func silent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: silent")
	}
	block := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-block }))
	ts.Defer(func() {
		close(block)
		s.Close()
	})
	ts.Setenv("SILENT_URL", s.URL)
}

// served serves the script's folder by ranges: it sets FILES_URL. Below /login/
// it wants a login, below /whole/ it has no ranges, and whoever sends
// credentials is refused.
func served(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: served")
	}
	files := http.FileServer(http.Dir(ts.MkAbs(".")))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "":
			http.Error(w, "credentials were sent", http.StatusTeapot)
		case strings.HasPrefix(r.URL.Path, "/login/"):
			http.Error(w, "log in", http.StatusUnauthorized)
		case strings.HasPrefix(r.URL.Path, "/whole/"):
			r.Header.Del("Range")
			http.StripPrefix("/whole", files).ServeHTTP(w, r)
		default:
			files.ServeHTTP(w, r)
		}
	}))
	ts.Defer(s.Close)
	ts.Setenv("FILES_URL", s.URL)
}
