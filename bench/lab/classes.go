package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storeseed"
)

// class is a kind of request, with what its 99th percentile is to be.
type class struct {
	name  string
	limit time.Duration
	// next is the next request of a client.
	next func(rnd *rand.Rand) (who, path string)
	// alone: by one person only, who sees everything.
	alone bool
}

// fieldsOf are the fields of a list that filter, and those that order it, as
// the server allows them.
func fieldsOf(fields store.Fields) (filters, orders []string) {
	plain := func(use func(store.Field) bool) (out []string) {
		for _, name := range fields.Names(use) {
			if !strings.Contains(name, ".") {
				out = append(out, name)
			}
		}
		return out
	}
	return plain(func(f store.Field) bool { return f.Filter }), plain(func(f store.Field) bool { return f.Order })
}

func pick[T any](rnd *rand.Rand, list []T) T { return list[rnd.IntN(len(list))] }

// classesOf are all that is measured of a lab of so many images.
func classesOf(images int, data values) []class {
	runs := (images + perRun - 1) / perRun
	imageFilters, imageOrders := fieldsOf(store.ImageListing().Fields())
	runFilters, runOrders := fieldsOf(store.RunListing().Fields())
	anyone := func(rnd *rand.Rand) string { return pick(rnd, viewers) }
	admin := func(next func(rnd *rand.Rand) string) func(*rand.Rand) (string, string) {
		return func(rnd *rand.Rand) (string, string) { return storeseed.Admin, next(rnd) }
	}
	direction := func(rnd *rand.Rand, field string) string { return pick(rnd, []string{"", "-"}) + field }
	deep := strconv.Itoa(images / 10 * 9)
	return []class{
		{"one image", 20 * time.Millisecond, admin(func(rnd *rand.Rand) string { return fmt.Sprintf("/images/%d/", 1+rnd.IntN(images)) }), true},
		{"a run with its images", 20 * time.Millisecond, admin(func(rnd *rand.Rand) string { return fmt.Sprintf("/runs/%d/", 1+rnd.IntN(runs)) }), true},
		{"a run by label", 20 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/runs/" + query("label", pick(rnd, data["run.label"]))
		}, false},
		{"a run by name", 20 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/runs/" + query("name", pick(rnd, data["run.name"]))
		}, false},
		{"images of a run's label", 20 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/images/" + query("run__label", pick(rnd, data["run__label"]))
		}, false},
		{"an image by run and folder", 20 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/images/" + query("run__label", pick(rnd, data["run__label"]), "folder", pick(rnd, data["folder"]))
		}, false},
		{"images by folder", 20 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/images/" + query("folder", pick(rnd, data["folder"]))
		}, false},
		{"all 200 images of a run", 20 * time.Millisecond, admin(func(rnd *rand.Rand) string {
			return "/images/" + query("run__label", pick(rnd, data["run__label"]), "limit", "1000")
		}), true},
		{"images: filter × ordering", 100 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			filter := pick(rnd, imageFilters)
			return anyone(rnd), "/images/" + query(filter, pick(rnd, data[filter]), "ordering", direction(rnd, pick(rnd, imageOrders)))
		}, false},
		{"images: ordering", 100 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/images/" + query("ordering", direction(rnd, pick(rnd, imageOrders)))
		}, false},
		{"images: two filters × two orderings", 100 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			one, two := pick(rnd, imageFilters), pick(rnd, imageFilters)
			return anyone(rnd), "/images/" + query(one, pick(rnd, data[one]), two, pick(rnd, data[two]),
				"ordering", direction(rnd, pick(rnd, imageOrders))+","+direction(rnd, pick(rnd, imageOrders)))
		}, false},
		{"runs: filter × ordering", 100 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			filter := pick(rnd, runFilters)
			return anyone(rnd), "/runs/" + query(filter, pick(rnd, data["run."+filter]), "ordering", direction(rnd, pick(rnd, runOrders)))
		}, false},
		{"search by target", 100 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/images/search_advanced/" + query("antibodyTarget", pick(rnd, searched))
		}, false},
		{"search by target and more", 100 * time.Millisecond, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/images/search_advanced/" + query("antibodyTarget", pick(rnd, searched), "status", "A", "startDate", "2019-01-01",
				"tissue", pick(rnd, []string{"tonsil", "liver", "ÜBER", "tnbc"}))
		}, false},
		{"search by point", 0, func(rnd *rand.Rand) (string, string) {
			return anyone(rnd), "/images/search_advanced/" + query("point", pick(rnd, []string{"liver_77", "R5C2", "zzz", "1_r3"}))
		}, false},
		{"page at offset " + deep, time.Second, admin(func(*rand.Rand) string { return "/images/" + query("offset", deep) }), true},
		{"page at offset " + deep + ", filter × ordering", time.Second, admin(func(rnd *rand.Rand) string {
			filter := pick(rnd, []string{"status", "time_bin", "mass_offset"}) // which most images pass
			return "/images/" + query("offset", deep, filter, map[string]string{"status": "A", "time_bin": "0.5", "mass_offset": "0.2062068"}[filter],
				"ordering", direction(rnd, pick(rnd, imageOrders)))
		}), true},
	}
}

// searched are what people look for.
var searched = []string{"CD3", "cd8", "dsDNA", "keratin", "Ki-67", "HLA", "PAX", "no such target", "a"}
