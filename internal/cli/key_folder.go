package cli

import (
	"context"
	"errors"

	"github.com/openmibi/openmibi/internal/server"
)

// keysInFolder are the API keys in a server's data folder.
type keysInFolder struct{ data string }

func (f keysInFolder) String() string { return "in " + f.data }

func (f keysInFolder) create(ctx context.Context, k server.NewKey) (keyReport, string, error) {
	if k.Email == "" {
		return keyReport{}, "", usage(errors.New("whose key is it to be? Give --user EMAIL; mibi user list lists the accounts"))
	}
	key, text, err := server.CreateKey(ctx, f.data, k)
	return keyReportOf(key), text, err
}

func (f keysInFolder) list(ctx context.Context, user string, all bool) ([]keyReport, error) {
	keys, err := server.Keys(ctx, f.data, user)
	var reports []keyReport
	for _, k := range keys {
		if r := keyReportOf(k); r.Active || all {
			reports = append(reports, r)
		}
	}
	return reports, err
}

func (f keysInFolder) revoke(ctx context.Context, id int64) (keyReport, bool, error) {
	key, changed, err := server.RevokeKey(ctx, f.data, id)
	return keyReportOf(key), changed, err
}

func keyReportOf(k server.Key) keyReport {
	r := keyReport{
		ID: k.ID, Name: k.Name, Scope: k.Scope, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, LastUsed: k.LastUsed,
		RevokedAt: k.RevokedAt, Active: k.RevokedAt == nil,
	}
	r.User.ID, r.User.Email = k.UserID, k.Email
	return r
}
