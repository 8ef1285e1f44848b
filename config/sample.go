package config

import (
	"bytes"
	_ "embed" // for the sample
	"fmt"
	"os"
	"path/filepath"
)

// SampleName is the file name of the purchases that the program carries.
const SampleName = "online-retail-2010-12.csv.gz"

var (
	//go:embed sample/online-retail-2010-12.csv.gz
	sampleData []byte
	//go:embed sample/source.yaml
	sampleSource []byte
	//go:embed sample/CREDIT
	sampleCredit []byte
)

// SampleCredit says whose data the sample is and under which licence.
func SampleCredit() string { return string(sampleCredit) }

// SampleData is the sample: a gzip of CSV.
func SampleData() []byte { return bytes.Clone(sampleData) }

func samplePath(dataDir string) string { return filepath.Join(dataDir, "sample", SampleName) }

// sampleTree is the built-in list of sources. Its places are forgotten: they are defaults.
func sampleTree() *node {
	p := &parser{env: func(string) (string, bool) { return "", false }}
	n := p.parse(sampleSource)
	n.walk("", func(_ string, n *node) {
		n.from, n.literal = Origin{}, false
		for i := range n.entries {
			n.entries[i].from = Origin{}
		}
	})
	return n
}

// WriteSample puts the sample and its credit where the built-in source reads them, unless they are
// there already.
func WriteSample(dataDir string) error {
	path := samplePath(dataDir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a place for the sample: %w", err)
	}
	for name, data := range map[string][]byte{path: sampleData, filepath.Join(filepath.Dir(path), "CREDIT"): sampleCredit} {
		if have, err := os.ReadFile(name); err == nil && bytes.Equal(have, data) { //nolint:gosec // our own folder
			continue
		}
		if err := replaceFile(name, data); err != nil {
			return fmt.Errorf("write the sample: %w", err)
		}
	}
	return nil
}

// replaceFile writes a file in one step: readers see the old one or the whole new one.
func replaceFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
