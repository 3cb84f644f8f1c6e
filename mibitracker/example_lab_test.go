package mibitracker_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/openmibi/openmibi/mibitracker"
)

func ExampleProjectsService_Create() {
	client, done := connect()
	defer done()

	project, err := client.Projects.Create(context.Background(), mibitracker.NewProject{Name: "TONIC"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(project.ID, project.Name)
	// Output: 301 TONIC
}

func ExampleInstrumentsService_All() {
	client, done := connect()
	defer done()

	for instrument, err := range client.Instruments.All(context.Background(), mibitracker.ListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(instrument.ID, instrument.Name)
	}
	// Output: 2 Beta2
}

func ExampleAperturesService_All() {
	client, done := connect()
	defer done()

	for aperture, err := range client.Apertures.All(context.Background(), mibitracker.ListOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(aperture.Code, aperture.Name)
	}
	// Output:
	// A 1 mm
	// B 300 µm
}

// The tissues of one organ.
func ExampleTissuesService_All() {
	client, done := connect()
	defer done()

	tonsils := mibitracker.ListOptions{Filters: url.Values{"organ": {"tonsil"}}, Ordering: "name"}
	for tissue, err := range client.Tissues.All(context.Background(), tonsils) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(tissue.ID, tissue.Name)
	}
	// Output: 1 Tonsil  [Unremarkable]
}

func ExampleSlidesService_List() {
	client, done := connect()
	defer done()

	page, err := client.Slides.List(context.Background(), mibitracker.ListOptions{Limit: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, slide := range page.Results {
		fmt.Println("slide", slide.Name, "was imaged in runs", slide.Runs)
	}
	// Output: slide 5 was imaged in runs [26]
}

func ExampleSectionsService_Get() {
	client, done := connect()
	defer done()

	section, err := client.Sections.Get(context.Background(), 319)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(section.Tissue.Name, "stained with", section.Panel.Name)
	// Output: Tonsil  [Unremarkable] stained with TNBC
}

// The antibodies of a panel.
func ExamplePanelsService_Get() {
	client, done := connect()
	defer done()

	panel, err := client.Panels.Get(context.Background(), 98)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, conjugate := range panel.Conjugates {
		fmt.Println(conjugate.Mass, conjugate.Target)
	}
	// Output:
	// 159 CD3
	// 89 dsDNA
}

func ExampleUsersService_Me() {
	client, done := connect()
	defer done()

	me, err := client.Users.Me(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("logged in as", me.Email)
	// Output: logged in as me@example.org
}
