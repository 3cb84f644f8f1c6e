package main

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed peer.py
var peerScript []byte

// peers are the other programs. For those that are not there, a reason is.
type peers struct {
	tools  map[string]string // libtiff's, with their paths
	python string            // the interpreter
	script string            // peer.py

	noTools, noPython string
}

// findPeers looks for the programs, and puts the script into folder.
func findPeers(ctx context.Context, folder string) (peers, error) {
	p := peers{tools: map[string]string{}, script: filepath.Join(folder, "peer.py")}
	for _, name := range []string{"tiffinfo", "tiffcp"} {
		path, err := exec.LookPath(name)
		if err != nil {
			p.noTools = "libtiff-tools is not installed"
		}
		p.tools[name] = path
	}
	if os.Getenv("MIBILIB_DIR") == "" {
		p.noPython = "MIBILIB_DIR does not name a checkout of ionpath/mibilib"
		return p, nil
	}
	if err := os.WriteFile(p.script, peerScript, 0o600); err != nil {
		return p, err
	}
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		p.python = path
		if _, err := p.task("import").run(ctx); err == nil {
			return p, nil
		}
	}
	p.noPython = "no python3 can import mibidata.tiff from MIBILIB_DIR"
	return p, nil
}

// task is a task of the script's.
func (p *peers) task(args ...string) command {
	return command{
		args:  append([]string{p.python, p.script}, args...),
		env:   []string{"PYTHONPATH=" + os.Getenv("MIBILIB_DIR"), "PYTHONDONTWRITEBYTECODE=1"},
		tells: true,
	}
}
