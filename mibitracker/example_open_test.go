package mibitracker_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// imageBackend has one image of two channels.
func imageBackend() (*httptest.Server, error) {
	meta := mibi.Metadata{
		Run: mibi.Text("20190308"), FOVID: mibi.Text("Point1"), FOVName: mibi.Text("tonsil"), Folder: mibi.Text("Point1/RowNumber0"),
		Coordinates: mibi.Pair(1, 2), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1), MassOffset: mibi.Float(0.1),
		MassGain: mibi.Float(0.6), TimeResolution: mibi.Float(0.5), Date: time.Date(2019, 3, 8, 1, 2, 3, 0, time.UTC),
	}
	dna, err := mibitiff.NewPlane(2, 2, []uint16{1, 0, 0, 4})
	if err != nil {
		return nil, err
	}
	cd3, err := mibitiff.NewPlane(2, 2, []uint16{0, 7, 0, 0})
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	channels := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 159, Target: "CD3"}}
	if err := mibitiff.Write(&content, meta, channels, []mibitiff.Plane{dna, cd3}); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	mux.HandleFunc("POST /api-token-auth/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"token": "a token"})
	})
	mux.HandleFunc("GET /images/17/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]any{"id": 17, "folder": "Point1/RowNumber0", "run": map[string]any{"id": 26, "path": "20190308-uuid"}})
	})
	mux.HandleFunc("GET /download/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"url": server.URL + "/storage/summed_image.tiff?signature=..."})
	})
	mux.HandleFunc("GET /storage/summed_image.tiff", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content.Bytes()))
	})
	return server, nil
}

// One channel of an image in storage comes without the others.
func ExampleImagesService_Open() {
	server, err := imageBackend()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	ctx := context.Background()
	client, err := mibitracker.New(server.URL, mibitracker.WithPassword("me@example.org", "secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	image, err := client.Images.Open(ctx, 17)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = image.Close() }()
	for _, channel := range image.Channels() {
		fmt.Println(channel.Mass, channel.Label())
	}
	page, err := image.Channel("CD3")
	if err != nil {
		fmt.Println(err)
		return
	}
	plane, err := image.ReadPlane(ctx, page.Index)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("counts of CD3:", plane.Stats().Sum)
	// Output:
	// 159 CD3
	// 89 dsDNA
	// counts of CD3: 7
}
