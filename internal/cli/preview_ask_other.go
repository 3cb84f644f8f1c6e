//go:build !linux

package cli

import "context"

// showsPixels says no: elsewhere a terminal cannot be asked for a bounded time.
func showsPixels(context.Context, int) bool { return false }
