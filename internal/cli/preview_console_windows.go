package cli

import "syscall"

// colourConsole lets a console obey colours, which it does not before it is
// told to. It says no where the console cannot.
func colourConsole(fd int) bool {
	const virtualTerminal = 0x4
	var mode uint32
	if syscall.GetConsoleMode(syscall.Handle(fd), &mode) != nil {
		return false
	}
	if mode&virtualTerminal != 0 {
		return true
	}
	set := syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleMode")
	ok, _, _ := set.Call(uintptr(fd), uintptr(mode|virtualTerminal))
	return ok != 0
}
