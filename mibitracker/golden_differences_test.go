package mibitracker_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// wireDifference is one that is meant.
type wireDifference struct {
	what  string   // a regular expression that the whole difference matches
	calls []string // that have it, each; none means that any may have it
	why   string   // a sentence of the package documentation, or its beginning
}

func (d wireDifference) covers(call, what string) bool {
	return (len(d.calls) == 0 || slices.Contains(d.calls, call)) && regexp.MustCompile("^(?:"+d.what+")$").MatchString(what)
}

const (
	whyAgent       = "The headers User-Agent and Accept say who asks, and for what."
	whyIdentity    = "A file is asked for as it is"
	whyKey         = "Each POST has an Idempotency-Key"
	whyTokenRoutes = "The token routes get no Authorization header"
	whyOnce        = "The images of the new run are asked for once"
	whyApertures   = "An aperture that the backend gives as a bare code is looked up"
	whyLazy        = "A client logs in with its first request, not when it is made"
	whyRetries     = "A call that was retried in vain ends in its last answer"
	whyBrokenPOST  = "A POST whose connection broke is sent again only if a second one does no harm."
	whyAgain       = "A 401 in the middle of work is not the end"
	whyStorage     = "An error of the storage is an error"
	whySignAgain   = "A signed URL that the storage refuses may have expired: another one is asked for, once."
	whyEscape      = "A label is escaped in a query"
	whyDate        = "A run date that is not known is left out"
	whyRanges      = "Images.Open reads by ranges"
	whyQuotes      = "A quotation mark in a file's name stays one"
	whyRedirect    = "A redirect that would turn a POST into a GET is an error"
	whyFirst       = "All SED images are known to be of a type that can be sent before the first image is changed."
	whyNoRun       = "No image to copy may mean that there is no such run, which is an error."
)

// imageCopiesMade are the copies of images that succeed on either side.
var imageCopiesMade = []string{
	"copy_run_image_metadata", "copy_run_image_metadata-overrides", "copy_run_image_metadata-nulls",
	"copy_run_image_metadata-older-backend",
}

var meantDifferences = []wireDifference{
	{what: `.*: header User-Agent: python-requests there, openmibi here`, why: whyAgent},
	{what: `[A-Z]+ api.*: header Accept: \*/\* there, application/json here`, why: whyAgent},
	{what: `GET storage/there: header Accept: \*/\* there, application/json here`, calls: []string{"redirect-elsewhere"}, why: whyAgent},
	{what: `[A-Z]+ storage.*: header Accept: \*/\* there, nothing here`, why: whyAgent},
	{what: `.*: header Connection: keep-alive there, nothing here`, why: "HTTP/1.1 keeps connections without being asked to."},
	{what: `[A-Z]+ storage.*: header Accept-Encoding: gzip and others there, identity here`, why: whyIdentity},
	{what: `POST .*: header Idempotency-Key: nothing there, \(random\) here`, why: whyKey},

	{what: `POST api/api-token-auth/: sent there alone`, calls: []string{"upload_mibitiff-without-run", "upload_channel-without-name"}, why: whyLazy},
	{what: `POST api/api-token-auth/: path: //api-token-auth/ there, /api-token-auth/ here`, calls: []string{"login-url-with-slash"}, why: "A slash at the end of the base URL is not doubled."},
	{
		what:  `POST api/api-token-refresh/: Authorization: JWT \(the token of the login\) there, nothing here`,
		calls: []string{"refresh", "refresh-expired", "refresh-by-itself"}, why: whyTokenRoutes,
	},
	{what: `GET api/runs/: header Cookie: place=1 there, nothing here`, calls: []string{"cookie"}, why: "Cookies are kept only where the caller's http.Client has a jar."},
	{what: `GET api/there/: sent there alone`, calls: []string{"redirect-of-a-post"}, why: whyRedirect},
	{what: `outcome: nothing there, error here`, calls: []string{"redirect-of-a-post"}, why: whyRedirect},
	{what: `outcome: RetryError there, APIError 503 here`, calls: []string{"retry-in-vain"}, why: whyRetries},
	{what: `POST api/odd/: sent there alone`, calls: []string{"broken-post"}, why: whyBrokenPOST},
	{what: `outcome: nothing there, error here`, calls: []string{"broken-post"}, why: whyBrokenPOST},
	{what: `POST api/api-token-refresh/: sent here alone`, calls: []string{"status-401"}, why: whyAgain},
	{what: `GET api/odd/: sent here alone`, calls: []string{"status-401"}, why: whyAgain},

	{
		what:  `outcome: nothing there, APIError 404 here`,
		calls: []string{"download_file-lost", "copy_run-lost", "copy_run_image_metadata-lost"}, why: whyStorage,
	},
	{what: `POST api/runs/: sent there alone`, calls: []string{"copy_run-lost"}, why: whyStorage},
	{what: `returned: \[26,27\] there, null here`, calls: []string{"copy_run-lost"}, why: whyStorage},
	{what: `PUT api/images/111/: sent there alone`, calls: []string{"copy_run_image_metadata-lost"}, why: whyStorage},
	{what: `returned: \{"11":111\} there, null here`, calls: []string{"copy_run_image_metadata-lost"}, why: whyStorage},
	{what: `returned: 24 there, null here`, calls: []string{"download_file-lost"}, why: whyStorage},
	{what: `GET api/upload_mibitiff/sign_tiff_url/: sent here alone`, calls: []string{"upload_mibitiff-refused-by-storage"}, why: whySignAgain},
	{what: `PUT storage/put: sent here alone`, calls: []string{"upload_mibitiff-refused-by-storage"}, why: whySignAgain},
	{what: `GET storage/signed/busy: sent here alone`, calls: []string{"download_file-storage-busy"}, why: whyStorage},
	{what: `returned: 17 there, 12 here`, calls: []string{"download_file-storage-busy"}, why: whyStorage},

	{
		what:  `GET api/runs/: query:  more="" label="old run " paging="no" there, label="old\+run & more" paging="no" here`,
		calls: []string{"copy_run-odd-label"}, why: whyEscape,
	},
	{what: `GET api/download/: sent here alone`, calls: []string{"copy_run-odd-label"}, why: whyEscape},
	{what: `GET storage/.*: sent here alone`, calls: []string{"copy_run-odd-label"}, why: whyEscape},
	{what: `POST api/runs/: sent here alone`, calls: []string{"copy_run-odd-label"}, why: whyEscape},
	{what: `outcome: MibiTrackerError there, nothing here`, calls: []string{"copy_run-odd-label"}, why: whyEscape},
	{what: `returned: null there, \[26,27\] here`, calls: []string{"copy_run-odd-label"}, why: whyEscape},
	{what: `POST api/runs/: part user_run_date: "NoneT00:00:00" there, nothing here`, calls: []string{"copy_run-empty"}, why: whyDate},
	{what: `GET api/apertures/: sent here alone`, calls: []string{"copy_run-code", "copy_run_image_metadata-code"}, why: whyApertures},
	{what: `POST api/runs/: sent here alone`, calls: []string{"copy_run-code"}, why: whyApertures},
	{what: `returned: null there, \[26,27\] here`, calls: []string{"copy_run-code"}, why: whyApertures},
	{what: `PUT api/images/111/: sent here alone`, calls: []string{"copy_run_image_metadata-code"}, why: whyApertures},
	{what: `returned: null there, \{"11":111\} here`, calls: []string{"copy_run_image_metadata-code"}, why: whyApertures},
	{what: `outcome: TypeError there, nothing here`, calls: []string{"copy_run-code", "copy_run_image_metadata-code"}, why: whyApertures},

	{
		what: `GET api/images/: query: folder=".*" paging="no" run__label="new run" there, paging="no" run__label="new run" here`,
		calls: append([]string{
			"copy_run_image_metadata-code", "copy_run_image_metadata-gif", "copy_run_image_metadata-lost", "copy_run_image_metadata-missing", "copy_run_image_metadata-two",
		}, imageCopiesMade...), why: whyOnce,
	},
	{
		what:  `GET api/images/: sent there alone`,
		calls: append([]string{"copy_run_image_metadata-missing", "copy_run_image_metadata-two"}, imageCopiesMade...), why: whyOnce,
	},
	{what: `PUT api/images/111/: sent there alone`, calls: []string{"copy_run_image_metadata-missing", "copy_run_image_metadata-two"}, why: whyOnce},
	{what: `outcome: AssertionError there, UnexpectedAnswerError here`, calls: []string{"copy_run_image_metadata-missing", "copy_run_image_metadata-two"}, why: whyOnce},
	{what: `GET api/download/: sent there alone`, calls: []string{"copy_run_image_metadata-gif"}, why: whyFirst},
	{what: `GET storage/.*: sent there alone`, calls: []string{"copy_run_image_metadata-gif"}, why: whyFirst},
	{what: `outcome: UnboundLocalError there, error here`, calls: []string{"copy_run_image_metadata-gif"}, why: whyFirst},
	{what: `GET api/runs/: sent here alone`, calls: []string{"copy_run_image_metadata-empty"}, why: whyNoRun},

	{what: `GET storage/.*: header Range: nothing there, bytes=0-[0-9]+ here`, calls: []string{"get_mibi_image"}, why: whyRanges},
	{what: `GET storage/.*: sent here alone`, calls: []string{"get_mibi_image"}, why: whyRanges},
	{what: `GET api/download/: header Prefer: nothing there, tiff-index here`, calls: []string{"get_mibi_image"}, why: "It asks for the index with the signed URL (Prefer: tiff-index)"},
	{what: `GET api/images/11/channelnames/: sent here alone`, calls: []string{"get_channel_data-unknown"}, why: "For an unknown channel the names of the others are fetched"},
	{
		what:  `POST api/images/11/upload_channel/: part attachment: file "A/B µ %22x%22\.png" (.*) there, file "A/B µ \\"x\\"\.png" .* here`,
		calls: []string{"upload_channel-odd-name"}, why: whyQuotes,
	},
	{
		what:  `POST api/images/11/upload_channel/: part attachment: file "CD8\.TIF" of type image/tif, (.*) there, file "CD8\.TIF" of type image/tiff, .* here`,
		calls: []string{"upload_channel-CD8.TIF"}, why: "A channel's file that ends in .tif is sent as image/tiff",
	},
}

// What differs is in the package documentation, with the reason.
func TestMeantDifferencesAreDocumented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documentation := strings.Join(strings.Fields(strings.ReplaceAll(string(source), "\n//", "\n")), " ")
	for _, d := range meantDifferences {
		if !strings.Contains(documentation, d.why) {
			t.Errorf("the package documentation does not say %q", d.why)
		}
	}
}
