package main

import (
	"context"
	"path/filepath"
	"strconv"
	"time"
)

// contender is a program that does a task, and what its runs took.
type contender struct {
	name    string
	command command
	missing string // why it does not run
	runs    []measured
}

// row is a comparison of contenders by one figure. The first is what the
// others are compared with.
type row struct {
	title string
	of    func(measured) float64
	unit  string
	who   []*contender
}

func whole(m measured) float64  { return float64(m.whole) / float64(time.Millisecond) }
func cpu(m measured) float64    { return float64(m.cpu) / float64(time.Millisecond) }
func inside(m measured) float64 { return float64(m.inside) / float64(time.Millisecond) }
func peak(m measured) float64   { return float64(m.peak) / (1 << 20) }
func size(m measured) float64   { return float64(m.size) / 1e6 }

// setting is where everything lies.
type setting struct {
	self, mibi   string // programs
	file, folder string
	page         int // of the channel that is read alone
	peers        peers
}

// contest returns all programs, in the order in which they run, and the rows of
// the table.
func contest(ctx context.Context, s setting) (all []*contender, rows []row) {
	add := func(name, missing string, c command) *contender {
		all = append(all, &contender{name: name, command: c, missing: missing})
		return all[len(all)-1]
	}
	mibi := func(name string, args ...string) *contender {
		return add(name, "", command{args: append([]string{s.mibi}, args...)})
	}
	self := func(name, task string, more ...string) *contender {
		return add(name, "", command{args: append([]string{s.self, "-do", task, s.file}, more...), tells: true})
	}
	libtiff := func(name string, args ...string) *contender {
		return add(name, s.peers.noTools, command{args: append([]string{s.peers.tools[args[0]]}, args[1:]...)})
	}
	python := func(name string, args ...string) *contender {
		return add(name, s.peers.noPython, s.peers.task(args...))
	}
	out := func(name string) string { return filepath.Join(s.folder, name) }

	tiffinfoD := libtiff("`tiffinfo -D`", "tiffinfo", "-D", s.file)
	decodes := self("`mibitiff`, decode and keep nothing", "decode")
	checks := mibi("`mibi tiff check`", "tiff", "check", s.file)
	if _, err := checks.command.run(ctx); err != nil {
		checks.missing = err.Error()
	}
	hashes := mibi("`mibi tiff hash`", "tiff", "hash", s.file)
	pythonReads := python("Python `tiff.read`", "read", s.file)
	reads := self("`mibitiff`, fresh planes", "read")
	tiffinfo := libtiff("`tiffinfo`", "tiffinfo", s.file)
	info := mibi("`mibi tiff info`", "tiff", "info", s.file)
	pythonInfo := python("Python `tiff.info`", "info", s.file)
	pythonChannel := python("Python `tiff.read`, one target", "channel", s.file, oneChannel)
	channel := self("`mibitiff`, one channel", "channel")
	tiffcpPage := libtiff("`tiffcp` of one page", "tiffcp", "-c", "none", s.file+","+strconv.Itoa(s.page), out("page.tiff"))
	extract := mibi("`mibi tiff extract --channel`", "tiff", "extract", s.file, "--channel", oneChannel, "--out", out("extracted"))
	pythonWrites := python("Python `tiff.write`", "write", s.file, out("python.tiff"))
	pythonWrites.command.out = out("python.tiff")
	tiffcp := libtiff("`tiffcp -c zip`, reading included, whole process", "tiffcp", "-c", "zip", s.file, out("tiffcp.tiff"))
	tiffcp.command.out = out("tiffcp.tiff")
	writes := self("`mibitiff.Write`", "write", out("ours.tiff"))
	writes.command.out = out("ours.tiff")

	readers := []*contender{tiffinfoD, checks, decodes, hashes, pythonReads}
	return all, []row{
		{"read all pages, whole process", whole, "ms", readers},
		{"the same, time of all processors", cpu, "ms", readers},
		{"read all pages into fresh planes, in process", inside, "ms", []*contender{pythonReads, reads}},
		{"metadata of all pages, whole process", whole, "ms", []*contender{tiffinfo, info, pythonInfo}},
		{"one channel, in process, file opened anew", inside, "ms", []*contender{pythonChannel, channel}},
		{"one channel, whole process", whole, "ms", []*contender{tiffcpPage, extract, pythonChannel}},
		{"one channel, whole process, peak memory", peak, "MiB", []*contender{tiffcpPage, extract, pythonChannel}},
		{"write, in process", writing, "ms", []*contender{pythonWrites, writes, tiffcp}},
		{"write, size", size, "MB", []*contender{pythonWrites, writes, tiffcp}},
	}
}

// writing is the time inside, or that of the whole process of a program that
// does not tell.
func writing(m measured) float64 {
	if m.inside == 0 {
		return whole(m)
	}
	return inside(m)
}
