//go:build race

package api_test

// thin leaves out most of the requests that are compared: under the race
// detector the database is many times slower, and it is their answers that
// count.
const thin = 10
