package cli

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

type serve struct {
	config  server.Config
	proxies []string
}

func newServe(g *globals) *cobra.Command {
	var o serve
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: "Run the server over a data folder, which is made if it is absent: a SQLite\n" +
			"database, the images, and the server's secrets. It listens on this machine\n" +
			"only unless --addr says otherwise. An interrupt stops it cleanly.",
		Example: "  mibi serve --data /srv/mibi\n" +
			"  mibi serve --data /srv/mibi --addr :443 --tls-cert cert.pem --tls-key key.pem\n" +
			"  mibi serve --data /srv/mibi --public-url https://mibi.example.org --trusted-proxy 127.0.0.1/32",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (o.config.TLSCert == "") != (o.config.TLSKey == "") {
				return usage(errors.New("--tls-cert and --tls-key go together"))
			}
			for _, text := range o.proxies {
				p, err := netip.ParsePrefix(text)
				if err != nil {
					return usage(fmt.Errorf("--trusted-proxy: %w (it takes a range such as 10.0.0.0/8, or one address as 10.0.0.7/32)", err))
				}
				o.config.TrustedProxies = append(o.config.TrustedProxies, p)
			}
			o.config.Version = programVersion()
			o.config.Logger = g.logger()
			server.KeepMemoryLow()
			return server.Run(cmd.Context(), o.config, func(url string) {
				if !g.quiet && !g.json { // the log has said it
					_, _ = fmt.Fprintf(g.streams.Err, "Serving %s at %s — interrupt to stop.\n", o.config.DataDir, url)
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.config.DataDir, "data", defaultData, "the data `folder`")
	f.StringVar(&o.config.Addr, "addr", server.DefaultAddr, "the `address` to listen on")
	f.StringVar(&o.config.PublicURL, "public-url", "", "the `URL` under which clients reach the server, for the links that it makes")
	f.StringArrayVar(&o.proxies, "trusted-proxy", nil, "a `range` of addresses whose X-Forwarded headers count (repeatable)")
	f.StringVar(&o.config.TLSCert, "tls-cert", "", "the TLS certificate's `file`")
	f.StringVar(&o.config.TLSKey, "tls-key", "", "the TLS key's `file`")
	return cmd
}
