package auth

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"
)

func hash(t *testing.T, h *Hasher, password string) string {
	t.Helper()
	encoded, err := h.HashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestPasswordRoundTrip(t *testing.T) {
	t.Parallel()
	h := NewHasher(2)
	for _, password := range []string{"8 chars!", "pässwörter", strings.Repeat("x", MaxPasswordLen)} {
		encoded := hash(t, h, password)
		if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("hash %s does not state argon2id at 19 MiB, t=2, p=1", encoded)
		}
		if ok, err := h.VerifyPassword(t.Context(), password, encoded); !ok || err != nil {
			t.Errorf("the right password: %v, %v", ok, err)
		}
		for _, wrong := range []string{"", password + " ", password[:len(password)-1], strings.ToUpper(password)} {
			if ok, err := h.VerifyPassword(t.Context(), wrong, encoded); ok || err != nil {
				t.Errorf("a wrong password %.20q: %v, %v", wrong, ok, err)
			}
		}
	}
	if first, second := hash(t, h, "same password"), hash(t, h, "same password"); first == second {
		t.Error("two hashes of one password are equal: no salt")
	}
}

// A vector of the reference implementation's own tests: "password" with
// "somesalt", t=2, 256 KiB, p=1.
func TestVerifyHashOfTheReferenceImplementation(t *testing.T) {
	t.Parallel()
	const encoded = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	h := NewHasher(1)
	if ok, err := h.VerifyPassword(t.Context(), "password", encoded); !ok || err != nil {
		t.Errorf("the right password: %v, %v", ok, err)
	}
	if ok, err := h.VerifyPassword(t.Context(), "passwore", encoded); ok || err != nil {
		t.Errorf("a wrong password: %v, %v", ok, err)
	}
}

func TestPasswordLimits(t *testing.T) {
	t.Parallel()
	h := NewHasher(1)
	for password, want := range map[string]error{
		"": ErrPasswordShort, "1234567": ErrPasswordShort, "äääääää": ErrPasswordShort,
		strings.Repeat("x", MaxPasswordLen+1): ErrPasswordLong,
		"no p\xe4ssword":                      ErrPasswordText, "null\x00terminated": ErrPasswordText,
	} {
		if _, err := h.HashPassword(t.Context(), password); !errors.Is(err, want) {
			t.Errorf("HashPassword of %d bytes: %v, want %v", len(password), err, want)
		}
	}
}

func TestUnknownAccountCostsAHashAndIsRefused(t *testing.T) {
	t.Parallel()
	h := NewHasher(1)
	// The sum that stands in for a missing one is zeros; even who could find
	// a password of that sum is refused.
	if ok, err := h.VerifyPassword(t.Context(), "password", ""); ok || err != nil {
		t.Errorf("VerifyPassword without a hash: %v, %v", ok, err)
	}
	// It waits for its turn as a real one does.
	h.turns <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := h.VerifyPassword(ctx, "password", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("VerifyPassword without a hash did not wait for its turn: %v", err)
	}
	real, err := parsePHC(hash(t, NewHasher(1), "password"))
	if err != nil {
		t.Fatal(err)
	}
	if real.params != h.cost || len(real.salt) != len(h.salt) || len(real.sum) != sumLen {
		t.Errorf("a real hash costs %+v, the stand-in %+v", real.params, h.cost)
	}
}

func TestHashesAtOnceAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(2)
		h.turns <- struct{}{}
		h.turns <- struct{}{} // two under way
		done := make(chan error, 1)
		go func() {
			_, err := h.HashPassword(t.Context(), "password")
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("a third hash did not wait: %v", err)
		default:
		}
		<-h.turns // one is done
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestPasswordCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := NewHasher(1)
	if _, err := h.HashPassword(ctx, "password"); !errors.Is(err, context.Canceled) {
		t.Errorf("HashPassword: %v", err)
	}
	if ok, err := h.VerifyPassword(ctx, "password", ""); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("VerifyPassword: %v, %v", ok, err)
	}
}

func TestBrokenHash(t *testing.T) {
	t.Parallel()
	h := NewHasher(1)
	good := hash(t, h, "password")
	parts := strings.Split(good, "$")
	with := func(i int, s string) string {
		p := append([]string(nil), parts...)
		p[i] = s
		return strings.Join(p, "$")
	}
	for name, encoded := range map[string]string{
		"plain text":      "password",
		"other algorithm": with(1, "argon2i"),
		"bcrypt":          "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"other version":   with(2, "v=16"),
		"no cost":         with(3, ""),
		"zero time":       with(3, "m=19456,t=0,p=1"),
		"zero threads":    with(3, "m=19456,t=2,p=0"),
		"all memory":      with(3, "m=4294967295,t=2,p=1"),
		"for ever":        with(3, "m=19456,t=4294967295,p=1"),
		"p over a byte":   with(3, "m=19456,t=2,p=257"),
		"negative":        with(3, "m=-1,t=2,p=1"),
		"other order":     with(3, "t=2,m=19456,p=1"),
		"short salt":      with(4, "YWJj"),
		"salt no base64":  with(4, "***"),
		"no sum":          with(5, ""),
		"short sum":       with(5, "YWJj"),
		"padded sum":      good + "=",
		"more parts":      good + "$x",
		"very long":       good + strings.Repeat("A", 4096),
	} {
		if ok, err := h.VerifyPassword(t.Context(), "password", encoded); ok || !errors.Is(err, ErrHash) {
			t.Errorf("%s: %v, %v, want ErrHash", name, ok, err)
		} else if strings.Contains(err.Error(), parts[5]) {
			t.Errorf("%s: the error shows the hash: %v", name, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=0,t=0,p=0$$")
	f.Fuzz(func(t *testing.T, encoded string) {
		h, err := parsePHC(encoded)
		if err != nil {
			return
		}
		if h.memory > maxMemory || h.time > maxTime || h.threads > maxThreads || h.time < 1 || h.threads < 1 {
			t.Fatalf("accepted a cost of %+v", h.params)
		}
		again, err := parsePHC(h.String())
		if err != nil || !bytes.Equal(again.salt, h.salt) || !bytes.Equal(again.sum, h.sum) || again.params != h.params {
			t.Errorf("%q does not survive a round trip: %v", encoded, err)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	h := NewHasher(1)
	for b.Loop() {
		argon2.IDKey([]byte("password"), h.salt, h.cost.time, h.cost.memory, h.cost.threads, sumLen)
	}
}
