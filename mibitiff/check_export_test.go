package mibitiff

// CheckCodes are the codes of all findings there can be.
func CheckCodes() []string {
	var codes []string
	for _, r := range checkRules {
		codes = append(codes, r.code)
	}
	return codes
}
