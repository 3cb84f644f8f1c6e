package blob

import "os"

// syncDir does nothing: Windows does not sync folders, NTFS journals their names.
func syncDir(*os.Root, string) error { return nil }
