package api

import (
	"encoding/json"
	"fmt"
	"net/http"
)

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
