package cli

import (
	"context"
	"iter"
	"maps"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/mibitracker"
)

// completeImage proposes the ids of images, newest first, with what they are:
// those of the run that the line names, or of all.
func completeImage(g *globals) cobra.CompletionFunc {
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		add := func(i *mibitracker.Image) bool {
			return p.add(strconv.FormatInt(i.ID, 10), fov(i), i.Point, runLabel(i), statusText(i.Status))
		}
		if p.flag("run") != "" {
			images, err := p.runImages(ctx, client)
			for i := range images {
				add(&images[i])
			}
			return err
		}
		return proposeEach(client.Images.All(ctx, mibitracker.ImageFilter{ListOptions: mibitracker.ListOptions{Limit: pageSize}}), add)
	})
}

// completeImageSet proposes the ids of image sets, newest first.
func completeImageSet(g *globals) cobra.CompletionFunc {
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		return proposeEach(client.ImageSets.All(ctx, mibitracker.ListOptions{Limit: pageSize}), func(s *mibitracker.ImageSet) bool {
			return p.add(strconv.FormatInt(s.ID, 10), s.Name)
		})
	})
}

// completeSection proposes the ids of sections, newest first, with what they are.
func completeSection(g *globals) cobra.CompletionFunc {
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		return proposeEach(client.Sections.All(ctx, mibitracker.ListOptions{Limit: pageSize}), func(s *mibitracker.Section) bool {
			return p.add(strconv.FormatInt(s.ID, 10), s.Position, slideName(s.Slide), tissueText(s.Tissue))
		})
	})
}

// completeOrgan proposes the organs of the lab's tissues: parts of their names.
func completeOrgan(g *globals) cobra.CompletionFunc {
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		return proposeEach(client.Tissues.All(ctx, mibitracker.ListOptions{Limit: pageSize}), func(t *mibitracker.Tissue) bool {
			return p.add(t.Organ)
		})
	})
}

// proposeEach adds what is in a list until that ends or no more is wanted.
func proposeEach[T any](all iter.Seq2[T, error], add func(*T) bool) error {
	for v, err := range all {
		if err != nil {
			return err
		}
		if !add(&v) {
			break
		}
	}
	return nil
}

// completeNamed proposes the names of a kind of objects, with their ids; where
// several have a name, their ids.
func completeNamed[T any](g *globals, kindOf func(*mibitracker.Client) kind[T]) cobra.CompletionFunc {
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		k := kindOf(client)
		var all []T
		failed := proposeEach(k.all(ctx, mibitracker.ListOptions{Limit: pageSize}), func(v *T) bool {
			all = append(all, *v)
			return len(all) < maxCandidates
		})
		times := map[string]int{}
		for i := range all {
			times[k.names(&all[i])[0]]++
		}
		for i := range all {
			id, name := strconv.FormatInt(k.id(&all[i]), 10), k.names(&all[i])[0]
			if times[name] > 1 || name == "" {
				id, name = name, id
			} else {
				id = "id " + id
			}
			if !p.add(name, id) {
				break
			}
		}
		return failed
	})
}

// completeProfile proposes the names of the logins that are kept here.
func completeProfile() cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		p := proposals{cmd: cmd, args: args, typed: typed}
		if store, err := config.Open(os.Getenv); err == nil {
			if file, err := store.Load(); err == nil {
				for _, name := range slices.Sorted(maps.Keys(file.Profiles)) {
					p.add(name, file.Profiles[name].URL)
				}
			}
		}
		return p.words, cobra.ShellCompDirectiveNoFileComp
	}
}
