package cli

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

// keysOnServer are the API keys that a login may see on a server.
type keysOnServer struct {
	client *mibitracker.Client
	url    string
}

func (s keysOnServer) String() string { return "on " + s.url }

func (s keysOnServer) create(ctx context.Context, k server.NewKey) (keyReport, string, error) {
	if k.Email != "" {
		me, err := s.client.Users.Me(ctx)
		if err != nil {
			return keyReport{}, "", err
		}
		if !strings.EqualFold(me.Email, k.Email) {
			return keyReport{}, "", usage(fmt.Errorf("--user %s: on %s you are %s, and make keys of your own; others' are made on the server's computer, with --data",
				k.Email, s.url, me.Email))
		}
	}
	body := map[string]any{"name": k.Name, "scope": k.Scope, "expires_at": nil}
	if k.ExpiresAt != nil {
		body["expires_at"] = k.ExpiresAt.UTC().Format(time.RFC3339)
	}
	var made struct {
		keyReport

		Key string `json:"key"`
	}
	err := s.client.JSON(ctx, mibitracker.Request{Method: http.MethodPost, Route: "/keys/", Body: mibitracker.JSONBody(body)}, &made)
	return made.keyReport, made.Key, err
}

func (s keysOnServer) list(ctx context.Context, user string, all bool) ([]keyReport, error) {
	var keys []keyReport
	for _, active := range activeOnly(all) {
		var part []keyReport
		query := url.Values{"paging": {"no"}, "ordering": {"id"}, "active": {active}}
		if err := s.client.JSON(ctx, mibitracker.Request{Route: "/keys/", Query: query}, &part); err != nil {
			return nil, err
		}
		keys = append(keys, part...)
	}
	keys = slices.DeleteFunc(keys, func(k keyReport) bool { return user != "" && !strings.EqualFold(k.User.Email, user) })
	slices.SortFunc(keys, func(a, b keyReport) int { return int(a.ID - b.ID) })
	return keys, nil
}

func (s keysOnServer) revoke(ctx context.Context, id int64) (keyReport, bool, error) {
	route := fmt.Sprintf("/keys/%d/", id)
	var before, after keyReport
	if err := s.client.JSON(ctx, mibitracker.Request{Route: route}, &before); err != nil {
		return before, false, notThere(err, "key", "keys", id)
	}
	if err := s.client.JSON(ctx, mibitracker.Request{Method: http.MethodDelete, Route: route}, nil); err != nil {
		return before, false, err
	}
	err := s.client.JSON(ctx, mibitracker.Request{Route: route}, &after)
	return after, before.Active, err
}

// activeOnly are the lists to ask for: the API lists what is revoked apart.
func activeOnly(all bool) []string {
	if all {
		return []string{"true", "false"}
	}
	return []string{"true"}
}
