package api

import (
	"encoding/json"
	"net/http"
)

const (
	maxDepth  = 32   // arrays and objects within each other
	maxFields = 1000 // members of a JSON body
)

// parseObject reads a JSON object within the limits of a body's shape. A member
// that is there twice is refused: programs differ in which of the two they take.
func parseObject(body []byte) (map[string]json.RawMessage, error) {
	depth, members := shapeOf(body)
	switch {
	case depth > maxDepth:
		return nil, newProblem(http.StatusBadRequest, "The request's body has more than %d levels.", maxDepth)
	case members > maxFields:
		return nil, newProblem(http.StatusBadRequest, "The request's body has more than %d fields.", maxFields)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, newProblem(http.StatusBadRequest, "The request's body is not a JSON object.")
	}
	if len(object) != members {
		return nil, newProblem(http.StatusBadRequest, "A field of the request's body is there twice.")
	}
	return object, nil
}

// shapeOf counts how deep JSON goes, and the members of the object that it is.
// For what is no JSON the numbers mean nothing.
func shapeOf(text []byte) (depth, members int) {
	at := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			at++
			depth = max(depth, at)
		case '}', ']':
			at--
		case ':':
			if at == 1 {
				members++
			}
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return depth, members
}
