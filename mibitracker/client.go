package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Client speaks to one MIBItracker backend as one account. It is safe for
// concurrent use. Its services share it; none has a state of its own.
type Client struct {
	// Runs are the runs: /runs/.
	Runs *RunsService
	// Images are the FOVs of runs: /images/.
	Images *ImagesService
	// Files reads the backend's storage: /download/.
	Files *FilesService
	// Uploads brings MIBItiffs to the backend: /upload_mibitiff/.
	Uploads *UploadsService
	// Projects are the projects: /projects/.
	Projects *ProjectsService
	// ImageSets are collections of images: /imagesets/.
	ImageSets *ImageSetsService
	// Instruments are the instruments: /instruments/.
	Instruments *InstrumentsService
	// Apertures are the instrument's apertures: /apertures/.
	Apertures *AperturesService
	// Tissues are the lab's kinds of tissue: /tissues/.
	Tissues *TissuesService
	// Slides are the slides that sections lie on: /slides/.
	Slides *SlidesService
	// Sections are sections of tissue: /sections/.
	Sections *SectionsService
	// Panels are antibody panels: /panels/.
	Panels *PanelsService
	// Users are the accounts: /users/.
	Users *UsersService

	base     *url.URL // no final slash
	api      *http.Client
	storage  *http.Client // signed URLs: no cookies, no credentials
	session  *session
	retry    *retryPolicy
	log      *slog.Logger
	waitAPI  time.Duration
	waitData time.Duration
	agent    string

	openLinks sync.Once // a warning of signed URLs by http
}

type service struct{ client *Client }

// New makes a client for the backend at baseURL, such as
// "https://mibi.example.org", with or without a final slash. Credentials are
// an option: WithPassword or WithToken; without either New fails. New sends
// nothing: the client logs in at its first request, or when Login is called.
func New(baseURL string, opts ...Option) (*Client, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, err
	}
	cfg := defaults()
	for _, opt := range opts {
		if err := opt(cfg); err != nil {
			return nil, fmt.Errorf("mibitracker: %w", err)
		}
	}
	if cfg.token == "" && cfg.email == "" {
		return nil, errors.New("mibitracker: no credentials: give an email address and a password, or a token")
	}
	if cfg.store != nil && cfg.token == "" {
		return nil, errors.New("mibitracker: a store of tokens goes with the token that it holds")
	}
	c := &Client{
		base: base, log: cfg.log, agent: cfg.agent,
		waitAPI: cfg.waitAPI, waitData: cfg.waitData,
		session: newSession(cfg), retry: &cfg.retry,
	}
	if c.api, c.storage, err = c.httpClients(cfg); err != nil {
		return nil, fmt.Errorf("mibitracker: %w", err)
	}
	shared := &service{client: c}
	c.Runs = (*RunsService)(shared)
	c.Images = (*ImagesService)(shared)
	c.Files = (*FilesService)(shared)
	c.Uploads = (*UploadsService)(shared)
	c.Projects = (*ProjectsService)(shared)
	c.ImageSets = (*ImageSetsService)(shared)
	c.Instruments = (*InstrumentsService)(shared)
	c.Apertures = (*AperturesService)(shared)
	c.Tissues = (*TissuesService)(shared)
	c.Slides = (*SlidesService)(shared)
	c.Sections = (*SectionsService)(shared)
	c.Panels = (*PanelsService)(shared)
	c.Users = (*UsersService)(shared)
	return c, nil
}

// Dial is New and Login: wrong credentials are found at once, as an *APIError.
func Dial(ctx context.Context, baseURL string, opts ...Option) (*Client, error) {
	c, err := New(baseURL, opts...)
	if err != nil {
		return nil, err
	}
	if err := c.Login(ctx); err != nil {
		c.CloseIdleConnections()
		return nil, err
	}
	return c, nil
}

// BaseURL is the backend's address, without a final slash.
func (c *Client) BaseURL() string { return c.base.String() }

func parseBase(s string) (*url.URL, error) {
	// Nothing of it is repeated: what is no URL may hold a password all the same.
	bad := func(why string) (*url.URL, error) {
		return nil, fmt.Errorf("mibitracker: the base URL %s", why)
	}
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil:
		return bad("cannot be parsed")
	case u.User != nil:
		return bad("holds a user name or password: give them as options")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return bad("is not of the form https://host")
	case u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return bad("has a query or fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// httpClients makes the client for the API and the one for signed URLs, on
// one transport. The caller's http.Client is copied, never changed.
func (c *Client) httpClients(cfg *config) (api, storage *http.Client, err error) {
	var given http.Client
	if cfg.http != nil {
		given = *cfg.http
	}
	below := given.Transport
	if below == nil {
		below = ownTransport()
	}
	below, network, err := cfg.adapt(below)
	if err != nil {
		return nil, nil, err
	}
	given.Transport = &transport{
		below: below, network: network, base: c.base, log: cfg.log, retry: c.retry,
	}
	given.CheckRedirect = redirects(given.CheckRedirect)
	forStorage := given
	forStorage.Jar = nil
	return &given, &forStorage, nil
}

// ownTransport keeps enough connections for parallel transfers; the standard
// one would close all but two after each use.
func ownTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	own := standard.Clone()
	own.MaxIdleConnsPerHost = 16
	return own
}

// CloseIdleConnections closes the connections that no request uses. The
// client stays usable.
func (c *Client) CloseIdleConnections() { c.api.CloseIdleConnections() }
