package steps

import (
	"slices"
	"sync"
	"time"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

const (
	// loadsShown is how many loads a progress lists, the newest.
	loadsShown = 100
	// tellEvery is how often small steps make a progress.
	tellEvery = 100 * time.Millisecond
)

// meter makes what happens into progress.
type meter struct {
	rc     *pipeline.RunContext
	mu     sync.Mutex
	p      pipeline.Progress
	hashed int64 // bytes of the files hashed before the one at work
	shown  []*job
	told   time.Time
}

func newMeter(rc *pipeline.RunContext) *meter {
	return &meter{rc: rc, p: pipeline.Progress{Unit: "bytes", Since: rc.Now()}}
}

// list opens a source: its files are going to be hashed.
func (m *meter) list(name string, files []source.File) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.p.Source, m.p.Load, m.p.Phase = name, "", "fingerprint"
	m.p.Done, m.p.Total, m.hashed = 0, 0, 0
	for _, f := range files {
		m.p.Total += max(0, f.Size)
	}
	m.tell(true)
}

// hashing says how much of a file on disk was hashed.
func (m *meter) hashing(name string, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.p.Load, m.p.Done = name, m.hashed+n
	m.tell(false)
}

// identified closes the hashing of a file.
func (m *meter) identified(f source.File) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hashed += max(0, f.Size)
	m.p.Done = m.hashed
	m.tell(false)
}

// plan opens the loading of a source's files.
func (m *meter) plan(jobs []*job) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.p.Phase, m.p.Load = "load", ""
	m.p.Done, m.p.Total = 0, 0
	for _, j := range jobs {
		if j.input.known == nil {
			m.p.Total += j.input.hashes.Bytes
		}
	}
	m.tell(true)
}

// loaded adds what was committed, or sent of a slab; counts below zero take it back.
func (m *meter) loaded(j *job, c counts, size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.p.Load = j.input.name
	m.p.Done += size
	m.p.Bytes += size
	m.p.Read += c.Read
	m.p.Loaded += c.Loaded
	m.p.Rejected += c.Rejected
	at := m.row(j)
	at.State = loadLoading
	at.Done += size
	at.Read += c.Read
	at.Rejected += c.Rejected
	m.tell(false)
}

// end says what became of a job. Bytes that were not read count as done.
func (m *meter) end(j *job, state string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.row(j)
	if j.input.known == nil {
		m.p.Done += at.Total - at.Done
	}
	at.Done, at.State = at.Total, state
	m.tell(true)
}

// forget takes back what was counted of a job.
func (m *meter) forget(j *job, c counts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.row(j)
	m.p.Done -= at.Done
	m.p.Bytes -= at.Done
	m.p.Read -= c.Read
	m.p.Loaded -= c.Loaded
	m.p.Rejected -= c.Rejected
	at.Done, at.Read, at.Rejected = 0, 0, 0
}

// row returns the line of a job in the table of loads.
func (m *meter) row(j *job) *pipeline.LoadProgress {
	if i := slices.Index(m.shown, j); i >= 0 {
		return &m.p.Loads[i]
	}
	if len(m.shown) >= loadsShown {
		m.shown = slices.Delete(m.shown, 0, 1)
		m.p.Loads = slices.Delete(m.p.Loads, 0, 1)
	}
	m.shown = append(m.shown, j)
	m.p.Loads = append(m.p.Loads, pipeline.LoadProgress{
		Source: j.spec.Name, Name: j.input.name, State: "waiting", Total: j.input.hashes.Bytes,
	})
	return &m.p.Loads[len(m.p.Loads)-1]
}

func (m *meter) tell(now bool) {
	at := m.rc.Now()
	if !now && at.Sub(m.told) < tellEvery {
		return
	}
	m.told = at
	p := m.p
	p.Loads = slices.Clone(m.p.Loads)
	m.rc.Progress(p)
}
