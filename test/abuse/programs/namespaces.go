package main

import (
	"fmt"
	"os/exec"
	"syscall"
)

// The runtime's own way to a child in new namespaces.
func main() {
	for _, flag := range []uintptr{syscall.CLONE_NEWUSER, syscall.CLONE_NEWNS, syscall.CLONE_NEWPID, syscall.CLONE_NEWNET, syscall.CLONE_NEWUTS} {
		command := exec.Command("/bin/true")
		command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flag}
		if err := command.Run(); err != nil {
			fmt.Printf("held: %#x %v\n", flag, err)
		} else {
			fmt.Printf("ESCAPED: %#x\n", flag)
		}
	}
}
