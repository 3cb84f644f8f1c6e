package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// keyParameter describes the header that makes a POST repeatable.
func keyParameter() *huma.Param {
	shortest, longest := 1, maxKey
	return &huma.Param{Name: keyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MinLength: &shortest, MaxLength: &longest},
		Description: "Names the request, so that it is done once however often it is sent: " +
			"for 24 hours the same key with the same body is answered the same."}
}

// describeKeyErrors adds what a key may be refused with to an operation's
// answers.
func describeKeyErrors(responses map[string]*huma.Response) {
	content := responses["default"].Content
	responses[strconv.Itoa(http.StatusConflict)] = &huma.Response{Description: keyRunning, Content: content,
		Headers: map[string]*huma.Param{"Retry-After": {Description: "seconds", Schema: &huma.Schema{Type: huma.TypeInteger}}}}
	responses[strconv.Itoa(http.StatusUnprocessableEntity)] = &huma.Response{Description: keyReused, Content: content}
}

// openAPI is GET /openapi.json: the description that huma keeps of the table.
func (a *API) openAPI(_ *Call, w http.ResponseWriter, _ *http.Request) error {
	text, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(text)
	if err != nil {
		return fmt.Errorf("%w: %w", errAnswered, err)
	}
	return nil
}
