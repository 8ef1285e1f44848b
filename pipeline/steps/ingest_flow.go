package steps

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"

	"penstock/pipeline/source"
)

// flow lets one goroutine frame chunks, in order, and workers do something with them, in any order: while
// one waits for the server, another maps. next ends with io.EOF itself. fill may use chunk and batch until
// it returns; do gets the batch and the chunk's place, without its data: what a worker waits for while it
// sends rows needs no memory for the text they came from.
// size is what a chunk holds, for buffers that need not grow.
func flow(ctx context.Context, workers, size int, next func(*source.Chunk) error, fill func(*source.Chunk, *source.Batch) error, do func(context.Context, *source.Chunk, *source.Batch) error) error {
	// Chunks go round: memory is bounded, and a framer that is ahead waits.
	chunks := max(2, workers)
	free, full := make(chan *source.Chunk, chunks), make(chan *source.Chunk)
	for range chunks {
		free <- &source.Chunk{Data: make([]byte, 0, size+size/16)}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(full)
		for {
			var c *source.Chunk
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case c = <-free:
			}
			if err := next(c); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case full <- c:
			}
		}
	})
	for range workers {
		group.Go(func() error {
			b := source.Batch{Copy: make([]byte, 0, 9*size/4)}
			for c := range full {
				b.Reset()
				if err := fill(c, &b); err != nil {
					return err
				}
				place := *c
				place.Data, place.Records = nil, nil
				free <- c
				if err := do(ctx, &place, &b); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}
