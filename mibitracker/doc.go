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
// nothing moved for too long. Within the former is a *RedirectError where a
// redirect is not followed. No error or log line holds a credential.
//
// # Time and repetition
//
// A request has no limit of length, only of silence: a slow link finishes and
// a dead one fails. Answers 502 and 503, broken connections, answers that
// break off, and 413 or 429 with a Retry-After are retried. So is a POST, with
// one Idempotency-Key for all its repetitions, also where a 409 says that the
// first one is still at work; but one that broke off without an answer may
// have been done, and is sent again only where a second one does no harm
// (Request.Repeat). A download goes on where it broke.
//
// # Credentials
//
// The token goes to the base URL's scheme, host and port alone: not to signed
// URLs, and not along a redirect to elsewhere. A redirect that would drop or
// divert a request's content is refused.
//
// # Coming from the Python client
//
// Each call of MibiRequests has a counterpart:
//
//	MibiRequests(url, ...)         New with options; Dial logs in at once
//	refresh                        Client.Refresh
//	get, post, put, delete         Client.JSON, Client.Do
//	HTTPError                      APIError
//	MibiTrackerError               UnexpectedAnswerError
//	download_file                  Files.Open, Files.OpenAt, Files.Download
//	search_runs                    Runs.List, Runs.All
//	copy_run                       Runs.Copy
//	copy_run_image_metadata        Runs.CopyImages
//	run_images                     Runs.Images
//	image_id                       Images.ByRunAndFOV
//	image_conjugates               Images.Conjugates
//	get_mibi_image                 Images.Open
//	get_channel_data               Images.Channel
//	upload_mibitiff                Uploads.MIBItiff
//	upload_channel                 Uploads.Channel
//	create_imageset                ImageSets.Create
//
// They send the same requests. These are the differences, all on purpose:
//
// The session:
//
//   - A client logs in with its first request, not when it is made: New
//     cannot block, and what is refused before anything is sent needs no login.
//   - The token routes get no Authorization header: the token at hand may have
//     expired.
//   - A 401 in the middle of work is not the end: the token is refreshed, or
//     the client logs in again, and the request is repeated once.
//   - A slash at the end of the base URL is not doubled.
//   - Cookies are kept only where the caller's http.Client has a jar.
//   - A redirect that would turn a POST into a GET is an error: the GET would
//     have succeeded, and done nothing.
//
// Headers:
//
//   - The headers User-Agent and Accept say who asks, and for what. Signed
//     URLs are asked for anything.
//   - HTTP/1.1 keeps connections without being asked to.
//   - A file is asked for as it is (Accept-Encoding: identity): a compressed
//     answer has neither its length nor its ranges.
//   - Each POST has an Idempotency-Key, but for those that ask for a token, so
//     that its repetition makes no second object on a backend that knows the
//     header.
//
// Repetition:
//
//   - A POST whose connection broke is sent again only if a second one does no
//     harm.
//   - A call that was retried in vain ends in its last answer, an APIError,
//     not in an error of the retries.
//   - An error of the storage is an error, and 502 and 503 are retried there
//     too: the Python client gives the error's page as the file, and copies
//     it into the new run.
//   - A signed URL that the storage refuses may have expired: another one is
//     asked for, once.
//
// Copies of runs and images:
//
//   - A label is escaped in a query, also one with "&", "+" or "#" in it.
//   - A run date that is not known is left out, not sent as "NoneT00:00:00".
//   - An aperture that the backend gives as a bare code is looked up in
//     /apertures/, where the Python client fails.
//   - The images of the new run are asked for once, not each by its folder, and
//     all are found before the first is changed. A missing or second one is an
//     UnexpectedAnswerError, not an AssertionError.
//   - All SED images are known to be of a type that can be sent before the
//     first image is changed.
//   - No image to copy may mean that there is no such run, which is an error.
//
// Images and channels:
//
//   - Images.Open reads by ranges: the index and the channels that are asked
//     for, in several requests, instead of the whole file in one. It asks for
//     the index with the signed URL (Prefer: tiff-index), which a backend may
//     ignore.
//   - For an unknown channel the names of the others are fetched, for the
//     error to list.
//   - A channel's file that ends in .tif is sent as image/tiff: there is no
//     type image/tif.
//   - A quotation mark in a file's name stays one: it is escaped as MIME has
//     it, not as %22, which would stay in the channel's name.
package mibitracker
