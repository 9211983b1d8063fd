// Reads manifest files as kubectl does, with Kubernetes' own decoder, and prints a line of JSON for each file that its
// standard input names: the documents that were read, and the error that ended the reading.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

type result struct {
	File      string            `json:"file"`
	Documents []json.RawMessage `json:"documents"`
	Error     string            `json:"error"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	files := bufio.NewScanner(os.Stdin)
	for files.Scan() {
		if err := out.Encode(read(files.Text())); err != nil {
			panic(err)
		}
	}
}

// read does what cli-runtime's StreamVisitor does with a file.
func read(file string) result {
	found := result{File: file, Documents: []json.RawMessage{}}
	content, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		ext := runtime.RawExtension{}
		if err := decoder.Decode(&ext); err != nil {
			if !errors.Is(err, io.EOF) {
				found.Error = err.Error()
			}
			return found
		}
		raw := bytes.TrimSpace(ext.Raw)
		if len(raw) > 0 && !bytes.Equal(raw, []byte("null")) {
			found.Documents = append(found.Documents, raw)
		}
	}
}
