// Package auth proves who is asking: password hashes, login tokens, signed
// URLs, and the secret of a data folder that the latter two rest on.
//
// It knows neither the database nor HTTP, and it does not decide what an
// account may do: that is package policy.
package auth
