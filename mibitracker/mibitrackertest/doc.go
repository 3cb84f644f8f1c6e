// Package mibitrackertest gives a test a MIBItracker backend to talk to: the
// real server, listening on this computer alone, filled with a small lab. What
// a test sees of it is what users see, down to signed URLs, processing in the
// background and the errors.
//
//	func TestSum(t *testing.T) {
//		lab := mibitrackertest.Start(t)
//
//		// The code under test takes a *mibitracker.Client.
//		got, err := sum(t.Context(), lab.Client, lab.Run.Label, "Point1", "CD45")
//		if err != nil {
//			t.Fatal(err)
//		}
//		put, _ := lab.FOVs[0].Plane("CD45") // what the server was given
//		if want := put.Stats().Sum; got != want {
//			t.Errorf("%v ions, want %v", got, want)
//		}
//	}
//
// # What is in a lab
//
// One account, which made everything else: a project; in it a section with its
// tissue, its slide and its panel; and a run of three FOVs with five channels
// of 32 x 32 pixels. Two FOVs are available. The first of them also has an SED
// image and an extra channel. The third waits for its TIFF, see [Lab.Pending].
// The [Lab] holds all of it, with the samples and the files that were sent, so
// that a test can compare. They are the same in every lab; ids and addresses
// are not to be relied on. [Empty] starts without all that, [WithFOVs] and
// [WithSize] make it larger, and [Lab.AddAccount] adds somebody who may not see
// it.
//
// The lab is ready in about a quarter of a second. Each has a data folder and
// a port of its own, so that tests run in parallel; its test's end removes it.
//
// # Where there is no test
//
// [NewLab] and [Lab.Close] do the same for a TestMain, an example or a program.
//
// # What it costs
//
// The package contains the whole server, so that the modules that this one is
// built of (SQLite in Go, for the most part) come into the go.sum of a module
// whose tests import it. It takes no C compiler and no container. A program
// that is not a test does not carry any of it, unless it imports the package
// itself: mibitracker does not.
package mibitrackertest
