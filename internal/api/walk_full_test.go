//go:build !race

package api_test

// thin leaves out none of the requests that are compared.
const thin = 1
