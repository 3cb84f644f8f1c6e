package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/internal/server"
)

type serve struct {
	file  string // of settings
	flags config.Server
}

func newServe(g *globals) *cobra.Command {
	var o serve
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: "Run the server over a data folder, which is made if it is absent: a SQLite\n" +
			"database, the images, and the server's secrets. It listens on this machine\n" +
			"only unless --addr says otherwise. An interrupt stops it cleanly.\n\n" +
			"--config names a TOML file with settings under the names of these flags:\n\n" +
			"  data = \"/srv/mibi\"\n" +
			"  addr = \"127.0.0.1:8000\"\n" +
			"  public-url = \"https://mibi.example.org\"\n" +
			"  trusted-proxy = [\"127.0.0.1/32\"]\n" +
			"  tls-cert = \"cert.pem\"    # from the file's own folder on\n" +
			"  tls-key = \"key.pem\"\n\n" +
			"The environment wins over the file: " + config.EnvServer + "DATA, _ADDR, _PUBLIC_URL,\n" +
			"_TRUSTED_PROXY (commas between several), _TLS_CERT and _TLS_KEY. Flags win over both.",
		Example: "  mibi serve --data /srv/mibi\n" +
			"  mibi serve --config /etc/openmibi/server.toml\n" +
			"  mibi serve --data /srv/mibi --addr :443 --tls-cert cert.pem --tls-key key.pem\n" +
			"  mibi serve --data /srv/mibi --public-url https://mibi.example.org --trusted-proxy 127.0.0.1/32",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := o.config(cmd)
			if err != nil {
				return err
			}
			cfg.Version = programVersion()
			cfg.Logger = g.logger()
			server.KeepMemoryLow()
			return server.Run(cmd.Context(), cfg, func(url string) {
				if !g.quiet && !g.json { // the log has said it
					_, _ = fmt.Fprintf(g.streams.Err, "Serving %s at %s — interrupt to stop.\n", cfg.DataDir, url)
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.file, "config", "", "a TOML `file` of settings")
	f.StringVar(&o.flags.Data, "data", defaultData, "the data `folder`")
	f.StringVar(&o.flags.Addr, "addr", server.DefaultAddr, "the `address` to listen on")
	f.StringVar(&o.flags.PublicURL, "public-url", "", "the `URL` under which clients reach the server, for the links that it makes")
	f.StringArrayVar(&o.flags.TrustedProxies, "trusted-proxy", nil, "a `range` of addresses whose X-Forwarded headers count (repeatable)")
	f.StringVar(&o.flags.TLSCert, "tls-cert", "", "the TLS certificate's `file`")
	f.StringVar(&o.flags.TLSKey, "tls-key", "", "the TLS key's `file`")
	return cmd
}

// config is how the server is set up: flags over environment over the file.
func (o *serve) config(cmd *cobra.Command) (server.Config, error) {
	if o.file == "" && cmd.Flags().Changed("config") {
		return server.Config{}, usage(errors.New("--config names no file"))
	}
	s, err := config.ServerSettings(o.file, os.Getenv)
	if err != nil {
		return server.Config{}, explained(given(err))
	}
	for _, v := range []struct {
		key       string
		flag, all *string
	}{
		{"data", &o.flags.Data, &s.Data}, {"addr", &o.flags.Addr, &s.Addr}, {"public-url", &o.flags.PublicURL, &s.PublicURL},
		{"tls-cert", &o.flags.TLSCert, &s.TLSCert}, {"tls-key", &o.flags.TLSKey, &s.TLSKey},
	} {
		if cmd.Flags().Changed(v.key) || *v.all == "" {
			*v.all = *v.flag
		}
	}
	// Where a setting came from that is refused; a flag's own name says that.
	origin := func(key string) string {
		if where := s.Origin(key); where != "" && !cmd.Flags().Changed(key) {
			return where + ": "
		}
		return ""
	}
	if cmd.Flags().Changed("trusted-proxy") {
		s.TrustedProxies = o.flags.TrustedProxies
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return server.Config{}, usage(fmt.Errorf("%s--tls-cert and --tls-key go together", cmp.Or(origin("tls-cert"), origin("tls-key"))))
	}
	cfg := server.Config{DataDir: s.Data, Addr: s.Addr, PublicURL: s.PublicURL, TLSCert: s.TLSCert, TLSKey: s.TLSKey}
	for _, text := range s.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return cfg, usage(fmt.Errorf("%s--trusted-proxy: %w (it takes a range such as 10.0.0.0/8, or one address as 10.0.0.7/32)", origin("trusted-proxy"), err))
		}
		cfg.TrustedProxies = append(cfg.TrustedProxies, p)
	}
	for _, v := range []struct {
		key   string
		check func(string) error
		text  string
	}{{"addr", server.CheckAddr, s.Addr}, {"public-url", server.CheckPublicURL, s.PublicURL}} {
		if err := v.check(v.text); err != nil {
			return cfg, fmt.Errorf("%s%w", origin(v.key), err)
		}
	}
	for _, v := range []struct{ key, path string }{{"tls-cert", s.TLSCert}, {"tls-key", s.TLSKey}} {
		if v.path == "" {
			continue
		}
		if _, err := os.Stat(v.path); err != nil {
			return cfg, given(fmt.Errorf("%s--%s: %w", origin(v.key), v.key, err))
		}
	}
	return cfg, nil
}

// explained names, of each unknown key in a server's file, the nearest ones.
func explained(err error) error {
	var bad *config.ServerFileError
	if !errors.As(err, &bad) {
		return err
	}
	return usage(errors.New(bad.Explain(func(f config.ServerFault) string {
		if f.Unknown == "" {
			return ""
		}
		meant := strings.ReplaceAll(f.Unknown, "_", "-")
		near := nearest(meant, config.ServerKeys())
		if len(near) == 0 {
			near = config.ServerKeys()
			return "; there are: " + strings.Join(near, ", ")
		}
		return "; nearest: " + strings.Join(near, ", ")
	})))
}
