// Package mibitracker is a client of the MIBItracker REST API: runs, images,
// channels, files and uploads, against any MIBItracker backend.
//
// A Client is made by New with an email address and a password, or a token.
// It logs in at its first request, refreshes its token by itself, and groups
// its calls by what they are about: Runs, Images, Files, Uploads, and others.
// Do and JSON call any other route.
//
// # Errors
//
// An answer of status 400 or more is an *APIError, told by errors.Is with
// ErrNotFound, ErrUnauthorized and others. A valid answer that is not the one
// needed, such as two runs of one label, is an *UnexpectedAnswerError. A
// request without an answer is a *TransportError, or a *SilenceError when
// nothing moved for too long. No error or log line holds a credential.
//
// # Time and repetition
//
// A request has no limit of length, only of silence: a slow link finishes and
// a dead one fails. Answers 502 and 503, broken connections, and 413 or 429
// with a Retry-After are retried, a POST too, as MIBItracker's clients do. But a
// POST that broke off without an answer is not repeated: it may have been done.
//
// # Credentials
//
// The token goes to the base URL's scheme, host and port alone: not to signed
// URLs, and not along a redirect to elsewhere. A redirect that would drop or
// divert a request's content is refused.
package mibitracker
