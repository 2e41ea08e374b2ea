// Pluginhost calls the function Run of the plugin that it is given the path of.
//
//	pluginhost PATH        at once
//	pluginhost PATH later  prints {"event":"waiting","pid"} and reads a line first
package main

import (
	"bufio"
	"fmt"
	"os"
	"plugin"
)

func main() {
	if len(os.Args) > 2 {
		fmt.Printf("{\"event\":\"waiting\",\"pid\":%d}\n", os.Getpid())
		bufio.NewReaderSize(os.Stdin, 16).ReadString('\n')
	}
	p, err := plugin.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	run, err := p.Lookup("Run")
	if err != nil {
		panic(err)
	}
	run.(func())()
}
