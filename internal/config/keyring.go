package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"
)

// Keyring keeps secrets for the user, by service and name.
type Keyring interface {
	Get(ctx context.Context, service, name string) (string, error)
	Set(ctx context.Context, service, name, secret string) error
	Delete(ctx context.Context, service, name string) error
}

// service binds a token to its server: a profile whose URL was changed by
// hand has none.
func service(url string) string { return "openmibi:" + url }

// keyringPatience is how long the system's keyring may take to answer.
const keyringPatience = 5 * time.Second

// System is the system's keyring, or nil where there cannot be one.
func System(getenv func(string) string) Keyring {
	switch runtime.GOOS {
	case "darwin", "windows":
		return systemKeyring{}
	}
	// Without a session's bus the library would start one, which then stays.
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(fmt.Sprintf("/run/user/%d/%s", os.Getuid(), name)); err == nil {
			return systemKeyring{}
		}
	}
	if getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return systemKeyring{}
	}
	return nil
}

type systemKeyring struct{}

func (systemKeyring) Get(ctx context.Context, service, name string) (string, error) {
	return patiently(ctx, keyringPatience, func() (string, error) { return keyring.Get(service, name) })
}

func (systemKeyring) Set(ctx context.Context, service, name, secret string) error {
	_, err := patiently(ctx, keyringPatience, func() (string, error) { return "", keyring.Set(service, name, secret) })
	return err
}

func (systemKeyring) Delete(ctx context.Context, service, name string) error {
	_, err := patiently(ctx, keyringPatience, func() (string, error) { return "", keyring.Delete(service, name) })
	return err
}

var errKeyringSilent = errors.New("the system's keyring does not answer")

// patiently gives up a call that cannot be ended. Its goroutine is not waited
// for: it ends with the call, or with the process.
func patiently(ctx context.Context, limit time.Duration, call func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := call()
		answers <- answer{text, err}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errKeyringSilent)
	defer cancel()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
