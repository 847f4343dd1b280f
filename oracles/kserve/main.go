// Command kserve answers, for each JSON line on standard input, what KServe's own admission and
// reconcilers do with the objects of the line: the objects that they create, the status that they
// write, or why they refuse. Knative's own code names the hosts of Knative Services. Whoever else would
// act in a cluster (Deployments become available, gateways accept routes) is played, and always succeeds.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/go-logr/logr"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// Where the module of KServe and that of the Gateway API lie, as the linker was told: their
// CustomResourceDefinitions and KServe's well-known configurations are read from there.
var kserveModule, gatewayModule string

// question is a cluster before KServe sees it.
type question struct {
	Objects []json.RawMessage `json:"objects"`
	// Runs is how often the question is asked, each time of a new cluster; 1 where it is 0.
	Runs int `json:"runs"`
}

func main() {
	log.SetFlags(0)
	verbose := flag.Bool("verbose", false, "print KServe's own log on standard error")
	flag.Parse()
	if *verbose {
		ctrllog.SetLogger(printing())
	} else {
		ctrllog.SetLogger(logr.Discard())
	}
	// A question leaves much behind, and the memory is there.
	debug.SetGCPercent(400)
	server, err := serve()
	if err != nil {
		log.Fatal(err)
	}
	schemas, err := readSchemas()
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			log.Fatal(err)
		}
		text, err := json.Marshal(ask(q, server, schemas))
		if err != nil {
			log.Fatal(err)
		}
		out.Write(text)
		out.WriteByte('\n')
		if err := out.Flush(); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

// ask answers a question, and says where the answer is not always the same.
func ask(q question, server *apiServer, schemas schemas) answer {
	outcomes := map[string]answer{}
	var first answer
	for run := 0; run < max(q.Runs, 1); run++ {
		a := newWorld(q, server, schemas).run()
		text, err := json.Marshal(a)
		if err != nil {
			log.Fatal(err)
		}
		if run == 0 {
			first = a
		}
		outcomes[string(text)] = a
	}
	first.Outcomes = len(outcomes)
	return first
}
