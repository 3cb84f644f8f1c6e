package cli

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/mibitracker"
)

// checkLogin finds out whether the login works, and what it gives.
func (o *doctor) checkLogin(ctx context.Context) bool {
	s := o.settings
	if s.Token == "" && (s.Email == "" || s.Password == "") {
		return true // the settings' check has told
	}
	what := o.credential()
	client, err := o.g.connect(ctx, s)
	if ctx.Err() != nil {
		return false
	}
	var refused *refusedError
	switch {
	case errors.As(err, &refused), errors.Is(err, mibitracker.ErrUnauthorized), errors.Is(err, mibitracker.ErrForbidden):
		o.refused = true
		advice := "run mibi login"
		if s.Renewed.IsZero() {
			advice += ", or give a new one"
		}
		o.say("login", healthWrong, advice, "the server refuses %s%s", what, tokenEnded(s.Token))
		return true
	case err != nil:
		o.say("login", healthWrong, "", "%v", err)
		return true
	}
	email, err := account(ctx, client, s.Email)
	if err != nil && ctx.Err() == nil {
		o.say("login", healthWarning, "", "%s is taken, but the account cannot be read: %v", what, err)
	} else {
		o.say("login", healthOK, "", "%s is that of %s", what, first(email, "an account that the server does not name"))
	}
	o.tokenEnd(s)
	o.versions(ctx, client)
	if o.run != "" {
		o.storage(ctx, client)
	}
	return true
}

// credential says what is logged in with, and where it comes from.
func (o *doctor) credential() string {
	s := o.settings
	what := "the token"
	if strings.HasPrefix(s.Token, "mibi_") {
		what = "the API key"
	}
	switch {
	case s.Token == "":
		return "the password of " + s.Email + " in " + config.EnvPassword
	case o.g.settings.TokenFile != "":
		return what + " in " + o.g.settings.TokenFile
	case s.Renewed.IsZero() && os.Getenv(config.EnvToken) != "":
		return what + " in " + config.EnvToken
	}
	return what + " of profile " + s.Profile
}

// tokenClaims are what a JWT says of itself. Nobody has checked it.
type tokenClaims struct {
	Expires *float64 `json:"exp"`
	Login   *float64 `json:"orig_iat"`
}

// claimsOf reads a token as a JWT; other tokens say nothing.
func claimsOf(token string) (c tokenClaims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(raw, &c) != nil || c.Expires == nil {
		return c, false
	}
	return c, true
}

func timeOf(seconds float64) time.Time {
	return time.Unix(int64(min(max(seconds, 0), 1<<40)), 0)
}

// tokenEnded says when a token has ended, if it has.
func tokenEnded(token string) string {
	if c, ok := claimsOf(token); ok && time.Now().After(timeOf(*c.Expires)) {
		return ", which ended on " + timeOf(*c.Expires).Format(time.DateTime)
	}
	return ""
}

// tokenSoon is how long before its end a token is warned of that nobody renews.
const tokenSoon = time.Hour

// tokenEnd says when the token ends.
func (o *doctor) tokenEnd(s config.Settings) {
	c, ok := claimsOf(s.Token)
	switch {
	case s.Token == "":
	case strings.HasPrefix(s.Token, "mibi_"):
		o.say("token", healthOK, "", "an API key lasts until the end that it was made with; mibi key list shows it to who is logged in by password")
	case !ok:
		o.say("token", healthOK, "", "it does not say when it ends")
	default:
		ends := timeOf(*c.Expires)
		left := time.Until(ends).Round(time.Minute)
		text := fmt.Sprintf("it ends on %s, in %v", ends.Format(time.DateTime), left)
		switch {
		case !s.Renewed.IsZero():
			o.say("token", healthOK, "", "%s; it is exchanged for a new one while it is used", text)
		case left < tokenSoon:
			o.say("token", healthWarning, "for long work use mibi login, or an API key: mibi key create", "%s, and nobody renews it", text)
		default:
			o.say("token", healthOK, "", "%s", text)
		}
	}
}

// versions tells both programs' versions.
func (o *doctor) versions(ctx context.Context, client *mibitracker.Client) {
	var server struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	err := client.JSON(ctx, mibitracker.Request{Method: http.MethodOptions, Route: "/"}, &server)
	if err != nil || server.Version == "" {
		o.say("versions", healthOK, "", "mibi %s; the server does not tell its own", programVersion())
		return
	}
	o.say("versions", healthOK, "", "mibi %s; the server %s %s", programVersion(), server.Name, server.Version)
}

// storage looks whether the files of a run can be read in parts, by its first
// image that is available.
func (o *doctor) storage(ctx context.Context, client *mibitracker.Client) {
	run, err := findRun(ctx, client, o.run)
	if err != nil {
		o.say("storage", healthWrong, "mibi run list shows the runs", "%v", err)
		return
	}
	for image, err := range client.Images.All(ctx, mibitracker.ImageFilter{Run: run.ID}) {
		if err != nil {
			o.say("storage", healthWrong, "", "%v", err)
			return
		}
		if !image.Available() {
			continue
		}
		remote, err := client.Images.Open(ctx, image.ID)
		switch {
		case errors.Is(err, mibitracker.ErrNoRanges):
			o.say("storage", healthWarning, "mibi pull --layout channels fetches pictures of the channels instead", "the server's storage does not give parts of files")
		case err != nil:
			o.say("storage", healthWrong, "", "%s cannot be read: %v", image.Number, err)
		default:
			o.say("storage", healthOK, "", "files are read in parts: %s has %s", image.Number, counted(len(remote.Channels()), "channel"))
			_ = remote.Close()
		}
		return
	}
	o.say("storage", healthWarning, "", "run %s has no image that is available", run.Label)
}
